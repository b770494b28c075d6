"""Corrections that the authority on a field approved, among the other facts of a person. Pure; no order of arrival.

An approved correction is a fact of the registry's own (`correction.approved`). The latest one of a field stands in
place of everything said before it, whoever said it; what the authority itself says later counts again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any, TypeVar

import msgspec

from services.registry.facts.lineage import ANNULLED
from services.registry.facts.values import CORRECTION, EventKey, Fact

EVER = date(1850, 1, 1)
"""From which day on a correction counts that does not say otherwise: the first one the contract knows."""

DIED_ON = "died_on"
DAYS = frozenset({"birth_date", DIED_ON})

Said = TypeVar("Said")


def standing(
    facts: Iterable[Fact], dead: AbstractSet[EventKey], authorities: Mapping[str, Sequence[str]]
) -> dict[str, Fact]:
    """Field → the correction that stands: of several the latest by (time, id). Once the authority on deaths has taken
    one back, no earlier correction of the day of death stands."""
    known = list(facts)
    found: dict[str, Fact] = {}
    if all(fact.type != CORRECTION for fact in known):
        return found
    for fact in sorted(known, key=lambda each: (each.time, each.event_id)):
        if fact.type == CORRECTION and fact.action != ANNULLED and fact.event not in dead and fact.body.approved:
            found[fact.body.approved.field] = fact
    death = found.get(DIED_ON)
    if death is not None and any(
        fact.type == "death.certified" and fact.action == ANNULLED and later(fact, death, authorities.get(DIED_ON, ()))
        for fact in known
    ):
        del found[DIED_ON]
    return found


def heard(
    correction: Fact,
    ordered: Sequence[Fact],
    ranking: Sequence[str],
    read: Callable[[Sequence[Fact], Sequence[str]], Said | None],
) -> Said | None:
    """What the authority said after the correction; where it said nothing, the corrected value."""
    said = read([fact for fact in ordered if later(fact, correction, ranking)], ranking)
    value: Any = value_of(correction)  # of the field's own type, as `read` gives it
    return value if said is None else said


def later(fact: Fact, correction: Fact, ranking: Sequence[str]) -> bool:
    """Whether the authority itself said something after the correction."""
    return fact.department == (ranking[0] if ranking else None) and fact.time > correction.time


def value_of(correction: Fact) -> str | date | None:
    """The value that was approved, as a state holds it."""
    approved = correction.body.approved
    if approved is None or approved.value is None:
        return None
    return date.fromisoformat(approved.value) if approved.field in DAYS else approved.value


def corrected_away(approved: Mapping[str, Fact]) -> str | None:
    """The resident number that an approved correction found to be wrong: it never was the person's."""
    correction = approved.get("identity_number")
    return correction.body.approved.number_before if correction and correction.body.approved else None


def as_it_was(fact: Fact, day: date | None) -> Fact:
    """A fact as it held on a day: whoever is corrected to have died later lived then."""
    approved = fact.body.approved
    if day is None or approved is None or approved.field != DIED_ON or approved.value is None:
        return fact
    if date.fromisoformat(approved.value) <= day:
        return fact
    alive = msgspec.structs.replace(approved, value=None)
    return msgspec.structs.replace(fact, body=msgspec.structs.replace(fact.body, approved=alive))
