"""What a registry clerk sees of the people in question, and that it is written down."""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from uuid import UUID

from services.registry.facts.page import Page
from services.registry.facts.state import UNKNOWN_PERSON
from services.registry.facts.told import Telling
from services.registry.facts.values import EventKey, Fact
from services.registry.protection.repository import protectors
from services.registry.reviews.held import Held
from services.registry.reviews.pairs import Pair
from services.registry.reviews.rules import about_of, living
from services.registry.reviews.schemas import Candidate, Number, Parting, Question, Record
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection
from shared.sharing.protected import WITHHELD, withheld_from

ATTACHED = "attached-after-merge"
BASIS = "household-registration-authority"
SHOWN = ("name", "sex", "birth_date", "identity_number", "registered_area", "died_on")


def candidates_of(
    telling: Telling,
    department: str,
    page: Page,
    people: Iterable[UUID],
    gone: AbstractSet[EventKey],
    hidden: Collection[UUID] = (),
) -> list[Candidate]:
    """People as they stand, each with what was reported of them that counts. `hidden`: of whom it is withheld from the
    department where they live."""
    found = []
    for person in sorted(people):
        state = page.states.get(person) or UNKNOWN_PERSON
        shown = {name: getattr(state, name) for name in SHOWN}
        if person in hidden:
            shown |= dict.fromkeys(WITHHELD & shown.keys())
        found.append(
            Candidate(
                reference=telling.reference(department, person),
                **shown,
                records=[record_of(department, n, fact) for n, fact in enumerate(ordered(page, person, gone), 1)],
            )
        )
    return found


def ordered(page: Page, person: UUID, gone: AbstractSet[EventKey]) -> list[Fact]:
    """The records of a person in the order in which they are numbered."""
    return sorted(living(page, person, gone), key=lambda fact: fact.mention)


def record_of(department: str, number: int, fact: Fact) -> Record:
    """One record as it is shown to a department: of others' alike neither who reported it is named nor the day. A blank
    for those who register adoptions alone would tell of one (protection rule 12)."""
    body = fact.body
    unnamed = fact.department != department
    return Record(
        number=number,
        about=about_of(fact.mention),
        department=None if unnamed else fact.department,
        effective_on=None if unnamed else fact.effective_on,
        recorded_at=fact.recorded_at,
        name=body.name,
        sex=body.sex,
        birth_date=body.birth_date,
        identifiers=[Number(type=n.type, value=n.value, issuer=n.issuer) for n in body.identifiers],
    )


def questions_of(telling: Telling, department: str, held: Held) -> list[Question]:
    """The records of a held event of which a clerk must say whose they are."""
    return [
        Question(
            about=role,
            reason=reason,
            record=record_of(department, number, held.event.facts[role]),
            candidates=[telling.reference(department, person) for person in sorted(held.candidates[role])],
        )
        for number, (role, reason) in enumerate(sorted(held.doubts.items()), 1)
    ]


def partings_of(telling: Telling, department: str, held: Held) -> list[Parting]:
    """Who would fall apart, and into which of their records; the event's own are none of them yet."""
    found = []
    for person, pieces in sorted(held.partings.items()):
        places = {fact.mention: n for n, fact in enumerate(ordered(held.page, person, held.gone), 1)}
        named = [sorted(places[mention] for mention in piece if mention in places) for piece in pieces]
        found.append(Parting(reference=telling.reference(department, person), pieces=named))
    return found


def merge_questioned(telling: Telling, department: str, pair: Pair) -> list[Parting]:
    """A merge in question: the records that the former person had, those of the other, and what came since."""
    if pair.merged is None:
        return []
    (person,) = pair.people
    pieces: list[list[int]] = [[], [], []]
    for number, fact in enumerate(ordered(pair.page, person, pair.gone), 1):
        place = 2 if fact.mention in pair.merged.attached else int(fact.mention not in pair.merged.left)
        pieces[place].append(number)
    return [Parting(reference=telling.reference(department, person), pieces=pieces)]


def asked_of(telling: Telling, department: str, pair: Pair) -> list[Question]:
    """The records of which it is asked whose of the two they are."""
    facts = {fact.mention: fact for person in pair.people for fact in living(pair.page, person, pair.gone)}
    both = [telling.reference(department, person) for person in pair.people]
    return [
        Question(
            about=about_of(mention), reason=ATTACHED, record=record_of(department, n, facts[mention]), candidates=both
        )
        for n, mention in enumerate(pair.asked, 1)
        if mention in facts
    ]


async def hidden_from(connection: Connection, department: str, people: Collection[UUID]) -> set[UUID]:
    """Of whom it is withheld from a department where they live (protection rule 12)."""
    by = await protectors(connection, people)
    return {person for person in people if withheld_from(department, by.get(person, ()))}


async def write_down(connection: Connection, caller: Caller, people: Iterable[UUID], action: str) -> None:
    """Every look at somebody is written down in its own transaction."""
    readings = [Reading(str(person), (*SHOWN, "records")) for person in sorted(people)]
    await record(connection, caller, readings, action=action, basis=BASIS)
