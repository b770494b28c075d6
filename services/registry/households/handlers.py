"""Look-up of a household: its members as far as the caller may see each of them; collective ones never list any."""

from datetime import date

from services.registry.cases.repository import held_on
from services.registry.households import repository as sql
from services.registry.households.schemas import HouseholdFound
from services.registry.people.handlers import Instant, LookUps
from services.registry.people.repository import one_moment
from services.registry.people.schemas import PersonFound
from shared import clock
from shared.auth.caller import Caller
from shared.crypto.references import read
from shared.db import transaction
from shared.errors import Forbidden, NotFound

COLLECTIVE = "collective"


async def household(look_ups: LookUps, caller: Caller, reference: str, valid_at: date | None) -> HouseholdFound:
    """One household by the caller department's own reference. Unknown and forbidden are the same 404."""
    department = caller.department or ""
    async with transaction(look_ups.pool) as connection:
        await one_moment(connection)
        entitled = await look_ups.entitled(connection, caller)
        agreements = [agreement for agreement in entitled if "household_number" in agreement.fields]
        if not agreements:
            raise Forbidden("not-agreed")
        household_id = read(look_ups.vault.ring, department, reference)
        number = await sql.number_of(connection, household_id)
        if number is None:
            raise NotFound
        rows = await sql.members(connection, number, valid_at or clock.today())
        own = await held_on(connection, [row["person_id"] for row in rows], department, agreements, clock.today())
        everyone = any(agreement.scope == "everyone" for agreement in agreements)
        if not (own or everyone):
            raise NotFound
        found: list[PersonFound] = []
        # Protection rule 12: dormitories, sites and shelters never list their members.
        if not any(row["household_kind"] == COLLECTIVE for row in rows):
            instant = Instant(valid_at)
            people = [row["person_id"] for row in rows]
            members = await look_ups.subjects(connection, people, own, instant)
            seen = await look_ups.disclosed(connection, caller, agreements, members)
            await look_ups.write_down(connection, caller, seen, action="look-up")
            await look_ups.give(connection, department, seen)
            found = [await look_ups.found(connection, caller, *each, instant) for each in seen]
    return HouseholdFound(reference=reference, number=number, valid_at=valid_at, members=found)
