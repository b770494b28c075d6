"""Look-ups of people: judged by caller and purpose first, cut by agreements, written down in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.registry.cases.repository import held_on
from services.registry.facts.fold import Authorities, as_of, fold
from services.registry.facts.reported import IDENTITY
from services.registry.facts.repository import mentioned, superseding
from services.registry.facts.state import RELATIVES, UNKNOWN_PERSON, PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.told import Telling
from services.registry.facts.values import NamedNumber, named_number
from services.registry.people import repository as sql
from services.registry.people.given import seal_given
from services.registry.people.rules import holds
from services.registry.people.schemas import PersonFound, Search
from services.registry.sharing.agreements import AgreementsAsTold
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.blind import blind_index
from shared.crypto.references import mint, read
from shared.db import Connection, Pool, transaction
from shared.errors import Forbidden, NotFound
from shared.sharing.agreement import Agreement
from shared.sharing.disclose import Disclosed, disclose


@dataclass(frozen=True)
class Instant:
    """A point on both time axes; None: now, and all that is known."""

    valid_at: date | None = None
    known_at: datetime | None = None


@dataclass
class LookUps:
    """Answers questions about people."""

    pool: Pool
    vault: Vault
    telling: Telling
    agreements: AgreementsAsTold
    authorities: Authorities

    async def entitled(self, connection: Connection, caller: Caller) -> list[Agreement]:
        """The caller's agreements for its purpose, as the exchange told them last.

        Raises Forbidden (403) before anyone is looked up.
        """
        agreements = await self.agreements.current(connection)
        found = agreements.for_(caller.department or "", caller.purpose, clock.today())
        found = [agreement for agreement in found if agreement.fields]
        if not found:
            raise Forbidden("not-agreed")
        return found

    async def person(self, caller: Caller, reference: str, instant: Instant) -> PersonFound:
        """One person by the caller department's own reference. Unknown and forbidden are the same 404."""
        async with transaction(self.pool) as connection:
            await sql.one_moment(connection)
            agreements = await self.entitled(connection, caller)
            asked = read(self.vault.ring, caller.department or "", reference)
            root = await sql.root_of(connection, asked)
            if root is None:
                raise NotFound
            # What was known before a merge is asked by the reference of that time.
            person = await sql.root_known_at(connection, asked, instant.known_at) if instant.known_at else root
            own = await held_on(connection, [root], caller.department or "", agreements, clock.today())
            found = await self.disclosed(connection, caller, agreements, person, instant, by_case=own.get(root, []))
            if found is None:
                raise NotFound
            return found

    async def search(self, caller: Caller, search: Search) -> list[PersonFound]:
        """Everyone who holds an identifier, as far as the caller may see them."""
        async with transaction(self.pool) as connection:
            await sql.one_moment(connection)
            agreements = await self.entitled(connection, caller)
            number = named_number(search.identifier)
            index = blind_index(self.vault.ring, IDENTITY, number.type, number.issuer, number.value)
            people = await sql.holders(connection, index)
            own = await held_on(connection, people, caller.department or "", agreements, clock.today())
            seen = [
                await self.disclosed(
                    connection, caller, agreements, person, Instant(), by_case=own.get(person, []), number=number
                )
                for person in people
            ]
        return [found for found in seen if found is not None]

    async def disclosed(
        self,
        connection: Connection,
        caller: Caller,
        agreements: Sequence[Agreement],
        person: UUID,
        instant: Instant,
        *,
        by_case: Sequence[Agreement],
        number: NamedNumber | None = None,
    ) -> PersonFound | None:
        """Fold, cut and log one person; None where no agreement covers them or nobody knew them then.

        `by_case`: those of the agreements that the department's cases on the person count for; the others count where
        they are about everyone in the household register. `number`: by what they were found. One that was corrected
        away finds nobody.
        """
        everyone = [each for each in agreements if each.scope == "everyone" and each not in by_case]
        if not (by_case or everyone):
            return None
        state = await self.state(connection, person, instant)
        if state == UNKNOWN_PERSON or (number is not None and not holds(state, number)):
            return None
        if not (by_case or state.registered):
            return None  # "everyone" is everyone in the household register (shared/sharing/disclose.py)
        if caller.areas and not (state.registered_area or "").startswith(tuple(caller.areas)):
            return None  # the token is for officials of some areas only
        department = caller.department or ""
        shown = disclose(
            await self.fields(connection, state, department),
            [*by_case, *(everyone if state.registered else [])],
            receiver=department,
            holds_case=bool(by_case),
            registered=state.registered,
        )
        basis = ",".join(shown.basis)
        reading = Reading(str(person), tuple(shown.fields))
        await record(connection, caller, [reading], action="look-up", basis=basis)
        if instant == Instant():  # what was true once was given as such: it cannot turn out to be wrong today
            await sql.given(connection, person, seal_given(self.vault.ring, department, shown))
        return PersonFound(
            reference=self.telling.reference(department, person),
            fields=shown.fields,
            withheld=list(shown.withheld),
            basis=list(shown.basis),
            household=await self.household(connection, department, shown),
            valid_at=instant.valid_at,
            known_at=instant.known_at,
        )

    async def state(self, connection: Connection, person: UUID, instant: Instant) -> PersonState:
        """The person at a point of both time axes, folded from the facts."""
        rows = await sql.facts(connection, person, instant.known_at)
        facts = [
            msgspec.structs.replace(
                self.vault.open_fact(row["receipt"], row["role"], row["body"]), recorded_at=row["recorded_at"]
            )
            for row in rows
        ]
        headers = await superseding(connection, {row["lineage"] for row in rows})
        return fold(*as_of(facts, headers, instant.valid_at, instant.known_at), self.authorities)

    async def fields(self, connection: Connection, state: PersonState, department: str) -> Mapping[str, object]:
        """The disclosable fields, relatives as the department's references."""
        wanted = [mention for name in RELATIVES if (mention := getattr(state, name))]
        return self.telling.state(state, await mentioned(connection, wanted), (department,))

    async def household(self, connection: Connection, department: str, shown: Disclosed) -> str | None:
        """A reference of the household, where its number may be seen."""
        number = shown.fields.get("household_number")
        if not isinstance(number, str):
            return None
        household = await sql.household_id(connection, number)
        return mint(self.vault.ring, department, household) if household else None
