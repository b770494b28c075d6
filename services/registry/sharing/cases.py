"""Cases asked for and closed by departments: whom they mean is found here, and nowhere else."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.registry.cases import repository as sql
from services.registry.cases.told import AGREEMENT_ENDED, answer, ended
from services.registry.facts.handlers import Folding
from services.registry.facts.reported import IDENTITY
from services.registry.facts.repository import lock_keys, lock_people, mentioned, resolve
from services.registry.facts.state import RELATIVES, PersonState
from services.registry.facts.told import CHANGES
from services.registry.facts.values import NamedNumber, named_number
from services.registry.people.rules import holds
from services.registry.sharing.entries import AgreementTold, CaseAsked, CaseClosed
from services.registry.sharing.repository import in_force
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.contracts.values import Identifier
from shared.crypto.blind import blind_index, lock_key
from shared.db import Connection
from shared.feed import heads
from shared.feed.follow import Again
from shared.feed.values import NewEntry
from shared.sharing.agreement import Agreement, agreement_of
from shared.sharing.finding import may_be_found


async def take(
    connection: Connection, folding: Folding, page: Sequence[CaseAsked | CaseClosed], agreed: Sequence[AgreementTold]
) -> list[NewEntry]:
    """Open and close in order; gives what the exchange is to be told, late in the transaction. `agreed`: what the same
    page tells of agreements.

    Locks as the fold does: identifiers, then people, each sorted for the whole page, then the feed's head. Raises
    Again where somebody was merged meanwhile.
    """
    asked = [told for told in page if isinstance(told, CaseAsked)]
    answered = await sql.known(connection, [told.case for told in asked])
    stand = await standing(connection, agreed, clock.today()) if asked else {}
    asked = [told for told in asked if told.case not in answered]
    refused = {told.case for told in asked if not rests_on(told, stand.get(told.agreement))}
    numbers = {told.case: number_of(told) for told in asked if told.case not in refused}
    indexes = {
        case: blind_index(folding.vault.ring, IDENTITY, number.type, number.issuer, number.value)
        for case, number in numbers.items()
    }
    await lock_keys(connection, [lock_key(index) for index in indexes.values()])
    holders: dict[bytes, set[UUID]] = {}
    for row in await resolve(connection, indexes.values()):
        holders.setdefault(row["blind_index"], set()).add(row["person_id"])
    states: dict[UUID, PersonState] = {}
    for row in await lock_people(connection, {person for found in holders.values() for person in found}):
        if row["merged_into"] is not None:
            raise Again
        states[row["person_id"]] = folding.vault.open_state(row["person_id"], row["state"])
    if page:
        await heads.lock(connection, [(CHANGES, 0)])  # before rows of cases, as a merge does, which moves them
    entries: list[NewEntry] = []
    for told in page:
        if isinstance(told, CaseClosed):
            closed = await sql.close(connection, told.case, told.department)
            if closed is not None:
                entries.append(ended(closed, folding.telling.reference(closed.department, closed.person)))
        elif told.case in refused:
            refused.remove(told.case)
            entries.append(await refuse(connection, told))
        elif told.case in numbers:
            number = numbers.pop(told.case)
            found = [each for each in holders.get(indexes[told.case], ()) if holds(states[each], number)]
            found = [each for each in found if may_be_found(told.department, registered=states[each].registered)]
            entries += await answered_with(connection, folding, told, found, states)
    return entries


async def standing(connection: Connection, agreed: Sequence[AgreementTold], on: date) -> dict[str, Agreement]:
    """The agreements in force on a day, as told last, by this page or before it."""
    found = [agreement_of(row["document"]) for row in await in_force(connection)]
    stand = {each.identifier: each for each in found}
    for told in agreed:
        stand.pop(told.identifier, None)
        if told.status == "in-force":
            stand[told.identifier] = Agreement.model_validate(told.agreement)
    return {name: each for name, each in stand.items() if each.in_force(on)}


def rests_on(asked: CaseAsked, agreement: Agreement | None) -> bool:
    """Whether the agreement that was named stands, and is the department's for that purpose."""
    return agreement is not None and (agreement.department, agreement.purpose) == (asked.department, asked.purpose)


async def refuse(connection: Connection, asked: CaseAsked) -> NewEntry:
    """The agreement was suspended or ended after the question: nobody is looked for, so nothing is told of anyone."""
    terms = (asked.purpose, asked.agreement, asked.until)
    await sql.nobody(connection, asked.case, asked.department, *terms, AGREEMENT_ENDED)
    return answer(asked, "ended")


def number_of(asked: CaseAsked) -> NamedNumber:
    """The identifier as it is compared."""
    given = asked.identifier
    said = {"type": given.type, "value": given.value, "issuer": given.issuer or None}
    return named_number(Identifier.model_validate(said))


async def answered_with(
    connection: Connection, folding: Folding, asked: CaseAsked, found: Sequence[UUID], states: dict[UUID, PersonState]
) -> list[NewEntry]:
    """Open the case on the one person found. Nobody and several are one answer: which of them is nobody's business."""
    terms = (asked.purpose, asked.agreement, asked.until)
    if len(found) != 1:
        await sql.nobody(connection, asked.case, asked.department, *terms, "not-found")
        return [answer(asked, "not-found")]
    (person,) = found
    await sql.open_case(connection, asked.case, asked.department, person, *terms)
    official = Caller(asked.subject, department=asked.department, purpose=asked.purpose)
    await record(connection, official, [Reading(str(person), ())], action="case", basis=asked.agreement)
    return [
        answer(asked, "open", folding.telling.reference(asked.department, person)),
        await everything(connection, folding, person, states[person], asked.department),
    ]


async def everything(
    connection: Connection, folding: Folding, person: UUID, state: PersonState, department: str
) -> NewEntry:
    """The person as they are, nothing changed: for the department whose case is new."""
    relatives = await mentioned(connection, [mention for name in RELATIVES if (mention := getattr(state, name))])
    return folding.telling.person(person, state, relatives, receivers=(department,))
