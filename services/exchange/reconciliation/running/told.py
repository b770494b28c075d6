"""What departments hold by their feeds beside what their agreements give of the registry's present state."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.exchange.agreements.current import CurrentAgreements
from services.exchange.cases.standing import Cases, Key, granted
from services.exchange.protection.repository import protection as protection_of
from services.exchange.protection.standing import Protection
from services.exchange.reconciliation.running import repository
from services.exchange.told import repository as told_sql
from services.exchange.told.ledger import Row
from shared import clock
from shared.app import Service
from shared.client import Client
from shared.reconciliation.kinds import TOLD_DIFFERS, Finding
from shared.reconciliation.running import Step
from shared.sharing.agreements import Agreements
from shared.sharing.disclose import disclose
from shared.sharing.fields import REFERENCE_FIELDS

PEOPLE = 100  # compared in a step
ASK = "/v1/reconciliation/people"


class PersonNow(msgspec.Struct, frozen=True):
    """A person as the registry has them now."""

    references: dict[str, str]
    registered: bool
    state: dict[str, object]


class PeoplePage(msgspec.Struct, frozen=True):
    """A page of the registry; the cursor is the registry's own."""

    changes: tuple[UUID, int]
    people: list[PersonNow]
    next_after: str | None


@dataclass(frozen=True)
class BesideTold:
    """Feeds reconciled to zero differences."""

    service: Service
    registry: Client
    agreements: CurrentAgreements
    until_told: Callable[[tuple[UUID, int]], Awaitable[None]]

    async def ask(self, after: str | None) -> PeoplePage:
        """A page of people. Raises OtherSideAway."""
        return msgspec.convert(await self.registry.ask(ASK, {"after": after, "limit": PEOPLE}), PeoplePage)

    async def look(self, place: str) -> AsyncIterator[Step]:
        """Everyone, from the cursor `place` on."""
        after: str | None = place or None
        while True:
            page = await self.ask(after)
            await self.until_told(page.changes)
            met = await self.differing(page.people)
            found = [finding for _, finding in met]
            if met:
                # Whoever was told something since is not the same in the next look, and is left to the next round.
                again = (await self.ask(after)).people
                found = [finding for person, finding in met if person in again]
            yield Step(page.next_after or "", found)
            if page.next_after is None:
                return
            after = page.next_after

    async def differing(self, people: Sequence[PersonNow]) -> list[tuple[PersonNow, Finding]]:
        """Those of whom a department holds something else than its agreements give."""
        keys = {key for person in people for key in person.references.items()}
        today = clock.today()
        async with (
            self.service.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            agreements = await self.agreements.current(connection)
            signed = await repository.last_steps(connection, today)
            cases = await repository.cases(connection, keys, today)
            rows = (await told_sql.rows(connection, self.service.ring, keys)).rows
            protection = await protection_of(connection, keys)
        judging = Judging(agreements, cases, signed, today, protection)
        found = []
        for person in people:
            for key in person.references.items():
                if judging.differs(person, key, rows.get(key)):
                    case = cases.known.get(key)
                    opened = f"case opened by {case.opened_by}" if case else "a person without a case"
                    found.append((person, Finding(TOLD_DIFFERS, f"{key[0]}: {opened}")))
        return found


@dataclass(frozen=True)
class Judging:
    """One page's agreements and cases; `signed`: when the agreements of a department last changed."""

    agreements: Agreements
    cases: Cases
    signed: Mapping[str, datetime]
    today: date
    protection: Protection

    def differs(self, person: PersonNow, key: Key, row: Row | None) -> bool:
        """Whether a department holds another value than it may now be told, or lacks one that it was entitled to when
        it was last told. What it holds and may not be told any more is cut when it is read."""
        case = self.cases.known.get(key)
        stands = self.cases.stands(key)
        if row is None and not (stands and case is not None and case.told):
            return False
        told_at = row.as_of if row is not None else (case.opened_at if case is not None else None)
        standing = granted(
            self.cases, key, self.agreements.for_(key[0], None, self.today), registered=person.registered
        )
        shown = disclose(
            person.state,
            standing,
            receiver=key[0],
            holds_case=stands,
            registered=person.registered,
            protected_from=self.protection.withheld(key),
        ).fields
        holds = row.holds if row is not None else {}
        if any(name in shown and not alike(name, value, shown[name]) for name, value in holds.items()):
            return True
        entitled = case is not None and case.told and stands and told_at is not None
        unchanged = told_at is not None and self.signed.get(key[0], told_at) <= told_at
        return entitled and unchanged and any(value is not None and name not in holds for name, value in shown.items())


def alike(name: str, held: object, now: object) -> bool:
    """Whether both are the same. A relative may be held under the reference of before two turned out to be one."""
    return held == now or (name in REFERENCE_FIELDS and now is not None)
