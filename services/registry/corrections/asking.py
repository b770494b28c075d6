"""Corrections as they are asked for: by the person, or by a department on somebody whom it may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.registry.citizens.handlers import Citizens
from services.registry.citizens.repository import one_person
from services.registry.corrections import repository as sql
from services.registry.corrections.problems import ASKED, CLOSED, Refused
from services.registry.corrections.rules import (
    ANNULMENT,
    ANSWER,
    BODY,
    DUE,
    OPEN,
    Wanted,
    acknowledged_of,
    decode_answer,
    decode_wanted,
    opened,
    sealed,
    wanted_of,
)
from services.registry.corrections.schemas import Answered, Ask, Asked, AskOf, Listed, OwnCorrections
from services.registry.people.handlers import NOW, LookUps
from services.registry.people.rules import Asking
from shared import clock
from shared.auth.caller import Caller
from shared.db import Connection, Pool, transaction
from shared.errors import Forbidden, NotFound
from shared.sharing.authorities import Authorities
from shared.sharing.fields import REFERENCE_FIELDS


@dataclass
class AskingCorrections:
    """Takes requests, and shows whoever asked what became of them."""

    pool: Pool
    citizens: Citizens
    look_ups: LookUps
    authorities: Authorities

    async def ask_own(self, caller: Caller, ask: Ask) -> Asked:
        """Ask for a correction of oneself. Raises NotFound, Invalid, and Refused where it is asked already."""
        wanted = wanted_of(ask, clock.today())
        async with transaction(self.pool) as connection:
            people = await self.citizens.myself(connection, caller)
            asked = await self.store(connection, people, ask, wanted, (None, None))
            await self.citizens.log(connection, caller, people[0], "own-correction")
        return asked

    async def ask(self, caller: Caller, ask: AskOf) -> Asked:
        """Ask for a correction of somebody whose field the caller may see. Raises Forbidden before anybody is looked
        up, NotFound for somebody unknown or not the caller's, Invalid, and Refused where it is asked already."""
        wanted = wanted_of(ask, clock.today())
        async with transaction(self.pool) as connection:
            agreements = await self.look_ups.entitled(connection, caller)
            if not any(ask.field in agreement.fields for agreement in agreements):
                raise Forbidden("not-agreed")
            subject = await self.look_ups.subject(connection, caller, agreements, ask.reference, NOW)
            seen = await self.look_ups.disclosed(connection, [Asking(caller, agreements, subject)], [ask.field])
            if not any(ask.field in shown.fields for _, shown in seen):
                raise NotFound
            people = await self.names_of(connection, subject.person)
            asked = await self.store(connection, people, ask, wanted, (caller.department, caller.subject))
            await self.look_ups.write_down(connection, seen, action="correction-asked")
        return asked

    async def store(
        self,
        connection: Connection,
        people: Sequence[UUID],
        ask: Ask,
        wanted: Wanted,
        by: tuple[str | None, str | None],
    ) -> Asked:
        """Store a request about a person, the living id first."""
        if await sql.asked_already(connection, people, ask.field, by[0]):
            raise Refused(ASKED)
        request, due = await sql.new_id(connection), clock.today() + DUE
        body = sealed(self.citizens.vault.ring, request, BODY, wanted)
        authority = self.authorities.registering(ask.field)
        await sql.ask(connection, request, people[0], ask.field, authority, by, body, due)
        return Asked(correction=request, due=due)

    async def own(self, caller: Caller, after: UUID | None, limit: int) -> OwnCorrections:
        """Every request about the caller, with the answers. Raises NotFound."""
        async with transaction(self.pool) as connection:
            people = await self.citizens.myself(connection, caller)
            rows = await sql.of_person(connection, people, after, limit)
            await self.citizens.log(connection, caller, people[0], "own-corrections")
        return OwnCorrections(
            corrections=[self.to_person(row) for row in rows],
            next_after=rows[-1]["request_id"] if len(rows) == limit else None,
        )

    async def withdraw_own(self, caller: Caller, request: UUID) -> None:
        """Take one's own request back. Raises NotFound for any other, Refused where it is closed."""
        async with transaction(self.pool) as connection:
            people = await self.citizens.myself(connection, caller)
            row = await sql.one(connection, request)
            if row is None or row["department"] is not None or row["person_id"] not in people:
                raise NotFound
            await self.withdrawn(connection, request)

    async def withdraw(self, caller: Caller, request: UUID) -> None:
        """Take the department's request back. Raises NotFound for any other, Refused where it is closed."""
        async with transaction(self.pool) as connection:
            row = await sql.one(connection, request)
            if row is None or row["department"] is None or row["department"] != caller.department:
                raise NotFound
            await self.withdrawn(connection, request)

    async def withdrawn(self, connection: Connection, request: UUID) -> None:
        """Close a request that is open. Raises Refused for another."""
        if not await sql.withdraw(connection, request):
            raise Refused(CLOSED)

    async def names_of(self, connection: Connection, person: UUID) -> list[UUID]:
        """Every id of a person, the living one first."""
        return await one_person(connection, person)

    def answered(self, row: asyncpg.Record, *, own: bool, to_authority: bool = False) -> Answered:
        """A request with its answer; `own`: with the words of whoever asked."""
        ring, request = self.citizens.vault.ring, row["request_id"]
        wanted = decode_wanted(opened(ring, request, BODY, row["body"]))
        answer = decode_answer(opened(ring, request, ANSWER, row["answer"])) if row["answer"] else None
        annulment = decode_answer(opened(ring, request, ANNULMENT, row["annulment"])) if row["annulment"] else None
        return Answered(
            **self.listed(row, to_authority=to_authority).model_dump(),
            value=wanted.value,
            lives=wanted.said and wanted.value is None,
            since=wanted.since,
            reason=wanted.reason if own else None,
            approved=answer.value if answer else None,
            answer=answer.reason if answer else None,
            law=answer.law if answer else None,
            annulled_because=annulment.reason if annulment else None,
        )

    def to_person(self, row: asyncpg.Record) -> Answered:
        """A request as the person reads it. Of a relative whom a department named they are told no value and no words:
        who a parent or spouse is said to be is about somebody else."""
        own = row["department"] is None
        found = self.answered(row, own=own)
        if own or row["field"] not in REFERENCE_FIELDS:
            return found
        return found.model_copy(
            update={"value": None, "approved": None, "answer": None, "law": None, "annulled_because": None}
        )

    def listed(self, row: asyncpg.Record, *, to_authority: bool = False) -> Listed:
        """A request without anybody in it; only the authority reads whether receivers acknowledged."""
        overdue = row["standing"] == OPEN and row["due"] < clock.today()
        return Listed(
            correction=row["request_id"],
            field=row["field"],
            authority=self.citizens.department(row["authority"]),
            asked_by=self.citizens.department(row["department"]) if row["department"] else None,
            asked_at=row["asked_at"],
            due=row["due"],
            standing="overdue" if overdue else row["standing"],
            decided_at=row["decided_at"],
            acknowledged=acknowledged_of(row["standing"], row["acknowledged"]) if to_authority else None,
        )
