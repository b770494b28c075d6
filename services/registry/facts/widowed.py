"""A death reaches the spouse who outlives it, in the transaction that folds the death, whichever came first."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from uuid import UUID

from services.registry.facts import repository as sql
from services.registry.facts.fold import Authorities, fold_couples, spouses
from services.registry.facts.page import Page
from services.registry.facts.reported import Reported
from services.registry.facts.state import PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.values import EventKey, Fact, Mention
from shared.db import Connection


def may_leave_widowed(events: Iterable[Reported], holders: Mapping[bytes, set[UUID]]) -> set[UUID]:
    """Whose deaths a page may change: people of whom a death is reported, and people who may become one, for one of
    them may be dead and the other married. By the identifiers of the page alone."""
    found: set[UUID] = set()
    for event in events:
        for numbers in event.numbers.values():
            if event.fact.type == "death.certified" or len(numbers) > 1:
                found.update(*(holders.get(number.index, ()) for number in numbers))
    return found


async def fold_page(
    connection: Connection, vault: Vault, page: Page, dead: AbstractSet[EventKey], authorities: Authorities
) -> dict[UUID, PersonState]:
    """The states of everyone touched, and of the spouses whom that changes; these are touched from now on, too."""
    folded = {person: page.facts[person] for person in page.touched}
    folded |= {person: page.facts[person] for person in map(page.root, page.survivors) if person in page.facts}
    who = {
        fact.mention: page.root(person)
        for person, facts in page.facts.items()
        for fact in facts
        if fact.type == "marriage.registered"
    }
    wanted = {
        spouse for person, facts in folded.items() if asks(page, person) for spouse in spouses(facts, dead) - who.keys()
    }
    who |= {mention: page.root(person) for mention, person in (await sql.mentioned(connection, wanted)).items()}
    died: dict[UUID, date | None] = {person: state.died_on for person, state in page.states.items() if state}
    if strangers := {who[mention] for mention in wanted if mention in who} - died.keys() - folded.keys():
        for row in await sql.states(connection, strangers):
            died[row["person_id"]] = vault.open_state(row["person_id"], row["state"]).died_on
    states = fold_couples(folded, dead, authorities, who, died)
    after = {
        person: state for person, state in states.items() if person in page.touched or state != page.states.get(person)
    }
    page.touched |= after.keys()
    return after


def asks(page: Page, person: UUID) -> bool:
    """Whether it must be looked up if a spouse has died. Not of who is married as stored, by the one marriage there is,
    and nothing in the page is about it: the page of the death would have told. Of several marriages one that a death
    ended may have come after the one that stands. All spouses of who may have died are in the page."""
    before = page.states.get(person)
    if before is None or before.spouse is None or person in page.survivors:
        return True
    marriages = [fact for fact in page.facts[person] if fact.type.startswith("marriage.")]
    return len(marriages) > 1 or any(fact.recorded_at is None for fact in marriages)


async def deaths_of(
    connection: Connection, vault: Vault, facts: Mapping[UUID, Sequence[Fact]], dead: AbstractSet[EventKey]
) -> tuple[dict[Mention, UUID], dict[UUID, date | None]]:
    """Who the spouses of people are, and when those died, as stored."""
    wanted = {spouse for said in facts.values() for spouse in spouses(said, dead)}
    who = await sql.mentioned(connection, wanted)
    rows = await sql.states(connection, set(who.values()))
    return who, {row["person_id"]: vault.open_state(row["person_id"], row["state"]).died_on for row in rows}
