"""Halves of moves without the other one: departures and arrivals of one person meet by the permit. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from services.registry.facts.values import Fact

DEPARTURE, ARRIVAL = "departure", "arrival"
HALVES = {"migration.departed": DEPARTURE, "migration.arrived": ARRIVAL}


class Half(NamedTuple):
    """A half that stands alone: its permit, which half it is, the day, and the area that has not reported."""

    permit: str
    half: str
    since: date
    area: str


def unmatched(living: Sequence[Fact]) -> set[Half]:
    """The halves of one person's moves whose other half is not reported. `living`: the facts that count, in order.

    The area of a departure without arrival is where the person went; of an arrival without departure, where from.
    """
    first: dict[tuple[str, str], Half] = {}
    for fact in living:
        half, permit = HALVES.get(fact.type), fact.body.permit
        if half is not None and permit is not None:
            area = fact.body.to_area if half == DEPARTURE else fact.body.from_area
            first.setdefault((permit, half), Half(permit, half, fact.effective_on, area or ""))
    return {each for each in first.values() if not _met(each, first)}


def _met(half: Half, known: Iterable[tuple[str, str]]) -> bool:
    return (half.permit, ARRIVAL if half.half == DEPARTURE else DEPARTURE) in known
