"""What a correction changed of a person, as opposed to what life changed. Pure, and independent of every order.

A move is no correction; an annulled death is one, and so is a corrected name. Whoever was told the old value was told
something wrong, and hears of it wherever they are (protection rule 9).
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from services.registry.facts.fold import Authorities, fold
from services.registry.facts.lineage import EventHeader, dead
from services.registry.facts.page import Page
from services.registry.facts.state import WIDOWED, PersonState, changed_fields
from services.registry.facts.values import EventKey, Fact, Mention

Known = TypeVar("Known", Fact, EventHeader)

BY_A_DEATH = ("civil_status", "spouse")
"""What a spouse's death changes of whoever outlives it."""


@dataclass(frozen=True)
class Corrected:
    """The fields of one person that were wrong, the receipts of the events that said so, and the bulk load they came
    in, where it was one."""

    fields: tuple[str, ...]
    receipts: tuple[UUID, ...]
    batch: str | None


def corrected_fields(
    facts: Collection[Fact],
    headers: Collection[EventHeader],
    corrections: AbstractSet[EventKey],
    authorities: Authorities,
    person_of: Mapping[Mention, Hashable] | None = None,
) -> tuple[str, ...]:
    """The fields that `corrections` alone change in what had been recorded of a person.

    What is new (facts and headers without `recorded_at`) and is none of the corrections does not count: life went on.
    """
    base = fold(_recorded(facts), dead(_recorded(headers)), authorities)
    said = [fact for fact in facts if fact.recorded_at is not None or fact.event in corrections]
    known = [header for header in headers if header.recorded_at is not None or header.key in corrections]
    return changed_fields(base, fold(said, dead(known), authorities), person_of)


def corrected(
    page: Page, after: Mapping[UUID, PersonState], relatives: Mapping[Mention, UUID], authorities: Authorities
) -> dict[UUID, Corrected]:
    """Who was told wrongly, by what this page corrects of what had been applied before it.

    An event that came together with its correction was never told to anybody, and neither was what it said.
    """
    found = widowed_wrongly(page, after, relatives)
    for person, state in after.items():
        causes = [
            (event, lineage)
            for event, lineage in page.corrections
            if person in _roots(page, page.lineage_people[lineage])
        ]
        if causes:
            keys = {event.key for event, _ in causes}
            wrong = corrected_fields(page.facts[person], page.headers, keys, authorities, relatives)
            now = changed_fields(page.states[person], state, relatives)
            if fields := tuple(name for name in wrong if name in now):
                receipts = tuple(sorted(event.receipt for event, _ in causes))
                batches = sorted({event.batch for event, _ in causes if event.batch})
                found[person] = Corrected(fields, receipts, batches[0] if batches else None)
    return found


def widowed_wrongly(
    page: Page, after: Mapping[UUID, PersonState], relatives: Mapping[Mention, UUID]
) -> dict[UUID, Corrected]:
    """Who was told to be widowed by a death that this page takes back: it is the spouse's correction, and theirs too.
    It names no receipt, for the death is not theirs."""
    found: dict[UUID, Corrected] = {}
    for person, state in after.items():
        before = page.states[person]
        spouse = relatives.get(state.spouse) if state.spouse else None
        if before is None or before.civil_status != WIDOWED or spouse is None:
            continue
        if any(spouse in _roots(page, page.lineage_people[lineage]) for _, lineage in page.corrections):
            changed = changed_fields(before, state, relatives)
            found[person] = Corrected(tuple(name for name in changed if name in BY_A_DEATH), (), None)
    return found


def split_corrects(
    page: Page, after: Mapping[UUID, PersonState], relatives: Mapping[Mention, UUID]
) -> dict[UUID, Corrected]:
    """Who turned out to be two people was told wrongly in all that differs now."""
    found = {}
    for person in {split.person for split in page.splits} & after.keys():
        if fields := changed_fields(page.states[person], after[person], relatives):
            found[person] = Corrected(fields, (), None)
    return found


def _roots(page: Page, people: Iterable[UUID]) -> set[UUID]:
    return {page.root(person) for person in people}


def _recorded(known: Iterable[Known]) -> list[Known]:
    return [each for each in known if each.recorded_at is not None]
