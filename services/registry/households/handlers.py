"""Look-up of a household: its members as far as the caller may see each of them; collective ones never list any."""

from collections.abc import Sequence
from typing import NamedTuple

from services.registry.cases.repository import held_on
from services.registry.households import repository as sql
from services.registry.households.schemas import HouseholdFound
from services.registry.people.handlers import Instant, LookUps
from services.registry.people.rules import Asking, Subject
from shared import clock
from shared.auth.caller import Caller
from shared.crypto.references import read
from shared.db import Connection, transaction
from shared.errors import Forbidden, NotFound
from shared.sharing.agreement import Agreement

COLLECTIVE = "collective"


class Members(NamedTuple):
    """Who counted there, and whether it is a household that never lists anybody."""

    members: list[Subject]
    collective: bool


async def household(look_ups: LookUps, caller: Caller, reference: str, instant: Instant) -> HouseholdFound:
    """One household by the caller department's own reference, at a point of both time axes. Unknown and forbidden are
    the same 404."""
    department = caller.department or ""
    async with transaction(look_ups.pool, one_moment=True) as connection:
        entitled = await look_ups.entitled(connection, caller)
        agreements = [agreement for agreement in entitled if "household_number" in agreement.fields]
        if not agreements:
            raise Forbidden("not-agreed")
        household_id = read(look_ups.vault.ring, department, reference)
        number = await sql.number_of(connection, household_id)
        if number is None:
            raise NotFound
        gather = members if instant.known_at is None else members_known
        found = await gather(look_ups, connection, department, agreements, number, instant)
        asking = [Asking(caller, agreements, each) for each in found.members]
        # Protection rule 12: whoever is protected from the department is not there, by case or without.
        hidden = await look_ups.hidden(connection, asking)
        asking = [each for each in asking if each.whose not in hidden]
        if not (any(each.subject.by_case for each in asking) or any(each.scope == "everyone" for each in agreements)):
            raise NotFound
        # The same rule: dormitories, sites and shelters never list their members.
        seen = [] if found.collective else await look_ups.disclosed(connection, asking, instant=instant)
        await look_ups.write_down(connection, seen, action="look-up", given=seen)
        people = await look_ups.answers(connection, seen, instant)
    return HouseholdFound(
        reference=reference, number=number, valid_at=instant.valid_at, known_at=instant.known_at, members=people
    )


async def members(
    look_ups: LookUps,
    connection: Connection,
    department: str,
    agreements: Sequence[Agreement],
    number: str,
    instant: Instant,
) -> Members:
    """Who was registered there on a day, by all that is known."""
    rows = await sql.members(connection, number, instant.valid_at or clock.today())
    people = [row["person_id"] for row in rows]
    own = await held_on(connection, people, department, agreements, clock.today())
    collective = any(row["household_kind"] == COLLECTIVE for row in rows)
    return Members(await look_ups.subjects(connection, people, own, instant), collective)


async def members_known(
    look_ups: LookUps,
    connection: Connection,
    department: str,
    agreements: Sequence[Agreement],
    number: str,
    instant: Instant,
) -> Members:
    """Who was registered there on a day, by what was known then and by who was who then."""
    day = instant.valid_at or clock.today()
    roots = await sql.ever(connection, number)
    cases = await held_on(connection, sorted(set(roots.values())), department, agreements, clock.today())
    own = {person: cases.get(root, []) for person, root in roots.items()}
    stays = [
        (subject, stay)
        for subject in await look_ups.subjects(connection, list(roots), own, instant)
        for stay in subject.state.residencies
        if stay.household == number and stay.since <= day and (stay.until is None or stay.until > day)
    ]
    return Members([subject for subject, _ in stays], any(stay.kind == COLLECTIVE for _, stay in stays))
