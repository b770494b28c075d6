"""People are protected at once by one official of the authority, and no longer by two."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import structlog

from services.registry.citizens.finding import one_holder
from services.registry.facts.repository import mentioned
from services.registry.facts.state import RELATIVES
from services.registry.facts.told import CARE_FEED, CHANGES
from services.registry.people.handlers import LookUps
from services.registry.protection import repository as sql
from services.registry.protection.keeping import END, KEY, Body, open_body, seal_body
from services.registry.protection.rules import action_of, may_mark, next_step, overdue
from services.registry.protection.schemas import Ending, Mark, ProtectionShown, ProtectionsShown
from services.registry.reviews.problems import FOUR_EYES, Refused
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.keyring import KeyRing
from shared.crypto.references import UnknownReference, read
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, transaction
from shared.errors import Fault, Forbidden, Invalid, NotFound, Text
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.sharing.finding import may_be_found, may_name_by

log = structlog.get_logger()
PAST = Text("must not lie in the past", "不得早于今天")


@dataclass
class Protections:
    """Marks people as protected, and ends it."""

    look_ups: LookUps
    feeds: FeedLog

    @property
    def ring(self) -> KeyRing:
        """The keys."""
        return self.look_ups.vault.ring

    async def mark(self, caller: Caller, asked: Mark) -> ProtectionShown:
        """Protect somebody from now on; repeated on the same ground it says anew why and until when it is looked at.

        Raises Forbidden for another authority's ground and Invalid for a day that is over, before anyone is looked for;
        Problem (429) beyond the official's quota of searches; NotFound for nobody certain.
        """
        department = caller.department or ""
        if not may_mark(department, asked.ground):
            raise Forbidden
        if overdue(asked.review_by, clock.today()):
            raise Invalid(faults=[Fault("/review_by", PAST)])
        await self.look_ups.quotas.count_search(self.look_ups.pool, caller)
        async with transaction(self.look_ups.pool) as connection:
            person, state = await self.find(connection, department, asked)
            protection = await self.standing(connection, person, department, asked)
            known = protection is not None
            protection = protection or await sql.new_id(connection)
            body = seal_body(self.ring, protection, Body(asked.ground, asked.reason))
            if known:
                await sql.renew(connection, protection, body, caller.subject, asked.review_by)
            else:
                new = sql.NewProtection(protection, person, department, body, caller.subject, asked.review_by)
                await sql.add(connection, new)
                await self.tell(connection, person, state)
            row = await sql.one(connection, department, protection)
            (shown,) = await self.shown(connection, caller, [row] if row else [])
        return shown

    async def end(self, caller: Caller, protection: UUID, said: Ending) -> ProtectionShown:
        """Ask that it ends, or, as another official of the department, agree. Raises NotFound for what is not the
        department's, or has ended; Refused (403) for whoever has asked."""
        department = caller.department or ""
        async with transaction(self.look_ups.pool) as connection:
            row = await sql.one(connection, department, protection)
            living = await sql.living(connection, row["person_id"]) if row else None
            row = await sql.one_standing(connection, department, protection)
            if row is None or living is None:
                raise NotFound
            match next_step(row["end_asked_by"], caller.subject):
                case "refuse":
                    raise Refused(FOUR_EYES)
                case "ask":
                    reason = seal(self.ring, KEY, said.reason.encode(), END + protection.bytes)
                    await sql.ask_end(connection, protection, caller.subject, reason)
                case "end":
                    await sql.end(connection, protection, caller.subject)
                    await self.tell(connection, living["person_id"], living["state"])
            row = await sql.one(connection, department, protection)
            (shown,) = await self.shown(connection, caller, [row] if row else [])
        return shown

    async def listed(self, caller: Caller, *, ended: bool, after: UUID | None, limit: int) -> ProtectionsShown:
        """The department's own; each person is written down."""
        async with transaction(self.look_ups.pool) as connection:
            rows = await sql.listed(connection, caller.department or "", standing=not ended, after=after, limit=limit)
            found = await self.shown(connection, caller, rows)
        return ProtectionsShown(protections=found, next_after=found[-1].id if len(found) == limit else None)

    async def find(self, connection: Connection, department: str, asked: Mark) -> tuple[UUID, bytes]:
        """The one person meant, locked, with their sealed state. Raises NotFound."""
        meant: UUID | None = None
        if asked.identifier is not None:
            if may_name_by(department, asked.identifier.type):
                found = await one_holder(connection, self.look_ups.vault, asked.identifier)
                if found is not None and may_be_found(department, registered=found[1].registered):
                    meant = found[0]
        else:
            meant = self.named(department, asked.reference or "")
        row = await sql.living(connection, meant) if meant else None
        if row is None:
            raise NotFound
        return row["person_id"], row["state"]

    def named(self, department: str, reference: str) -> UUID | None:
        """Whom a reference of the department means."""
        try:
            return read(self.ring, department, reference)
        except UnknownReference:
            return None

    async def standing(self, connection: Connection, person: UUID, department: str, asked: Mark) -> UUID | None:
        """The department's protection of the person on this ground."""
        for row in await sql.of_person(connection, person, department):
            if open_body(self.ring, row).ground == asked.ground:
                found: UUID = row["protection_id"]
                return found
        return None

    async def tell(self, connection: Connection, person: UUID, sealed: bytes) -> None:
        """Tell the exchange who protects the person now, under every name they ever had, and then the person as they
        are; alerts where they live, or nothing of it."""
        telling, state = self.look_ups.telling, self.look_ups.vault.open_state(person, sealed)
        await heads.lock(connection, [(CHANGES, 0), (CARE_FEED, 0)])
        by = (await sql.protectors(connection, [person])).get(person, frozenset())
        relatives = await mentioned(connection, [mention for name in RELATIVES if (mention := getattr(state, name))])
        entries = [telling.protected(name, by) for name in await sql.names(connection, person)]
        entries.append(telling.person(person, state, relatives, receivers=telling.departments))
        care = telling.care(person, None, state, hidden=bool(by))
        await self.feeds.append_all(connection, {CHANGES: entries, CARE_FEED: care})
        log.info("protection_changed")

    async def shown(
        self, connection: Connection, caller: Caller, rows: Sequence[asyncpg.Record]
    ) -> list[ProtectionShown]:
        """Rows as the department may see them, written down."""
        opened = [(row, open_body(self.ring, row)) for row in rows]
        for row, body in opened:
            action = action_of(body.ground)
            await record(connection, caller, [Reading(str(row["person_id"]), ())], action=action, basis="protection")
        today = clock.today()
        return [
            ProtectionShown(
                id=row["protection_id"],
                person=self.look_ups.telling.reference(caller.department or "", row["person_id"]),
                ground=body.ground,
                reason=body.reason,
                marked_by=row["marked_by"],
                marked_at=row["marked_at"],
                review_by=row["review_by"],
                overdue=row["ended_at"] is None and overdue(row["review_by"], today),
                end_asked_by=row["end_asked_by"],
                end_asked_at=row["end_asked_at"],
                end_reason=None
                if row["end_reason"] is None
                else unseal(self.ring, KEY, row["end_reason"], END + row["protection_id"].bytes).decode(),
                ended_by=row["ended_by"],
                ended_at=row["ended_at"],
            )
            for row, body in opened
        ]
