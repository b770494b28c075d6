"""A person questions an access to their data; the department gives its reason, the protection officer answers."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from services.registry.citizens.handlers import PROTECTION, Citizens
from services.registry.questions import repository as sql
from services.registry.questions.schemas import (
    Ask,
    Asked,
    AskedOfUs,
    Entry,
    OwnQuestion,
    OwnQuestions,
    QuestionListed,
    QuestionRead,
    QuestionsListed,
    Standing,
)
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, Pool, transaction
from shared.errors import Conflict, NotFound

DUE: Final = timedelta(days=30)
KEY: Final = "registry"
OWN_ACCESSES: Final = "questioned-access"
"""The basis of the entry that says that a department read what it is asked about its own accesses."""


@dataclass
class Questions:
    """Questions from being asked to being answered."""

    pool: Pool
    citizens: Citizens

    async def ask(self, caller: Caller, asked: Ask) -> OwnQuestion:
        """Question an entry of one's own log. Raises NotFound for any other, Conflict where it was before."""
        due = clock.today() + DUE
        async with transaction(self.pool) as connection:
            people = await self.citizens.myself(connection, caller)
            entry = await sql.entry(connection, asked.entry)
            if entry is None or entry["reference"] not in {str(person) for person in people}:
                raise NotFound
            question = await sql.new_id(connection)
            text = self.seal(question, "body", asked.text)
            stored = await sql.ask(connection, question, asked.entry, people[0], entry["department"], text, due)
            if stored is None:
                raise Conflict
            await self.citizens.log(connection, caller, people[0], "own-question")
        return OwnQuestion(
            question=question,
            entry=asked.entry,
            asked_at=stored["asked_at"],
            due=due,
            standing="open",
            text=asked.text,
            answer=None,
            answered_at=None,
        )

    async def own(self, caller: Caller, after: UUID | None, limit: int) -> OwnQuestions:
        """The caller's questions with their answers. Raises NotFound."""
        async with transaction(self.pool) as connection:
            people = await self.citizens.myself(connection, caller)
            rows = await sql.of_person(connection, people, after, limit)
            await self.citizens.log(connection, caller, people[0], "own-questions")
        return OwnQuestions(
            questions=[
                OwnQuestion(
                    question=row["question_id"],
                    entry=row["access_id"],
                    asked_at=row["asked_at"],
                    due=row["due"],
                    standing=standing(row, clock.today()),
                    text=self.unseal(row, "body") or "",
                    answer=self.unseal(row, "answer"),
                    answered_at=row["answered_at"],
                )
                for row in rows
            ],
            next_after=rows[-1]["question_id"] if len(rows) == limit else None,
        )

    async def listed(self, wanted: Standing | None, after: UUID | None, limit: int) -> QuestionsListed:
        """Questions for the protection officer, the one due first first; their texts are read one at a time."""
        async with self.pool.acquire() as connection:
            rows = await sql.listed(connection, wanted, clock.today(), after, limit)
        return QuestionsListed(
            questions=[QuestionListed(**self.told(row)) for row in rows],
            next_after=rows[-1]["question_id"] if len(rows) == limit else None,
        )

    async def read(self, caller: Caller, question: UUID) -> QuestionRead:
        """One question whole; written down, and seen by the person. Raises NotFound."""
        async with transaction(self.pool) as connection:
            row = await sql.one(connection, question)
            if row is None:
                raise NotFound
            entry = await self.entry(connection, row["access_id"])
            reading = Reading(str(row["person_id"]), ())
            await record(connection, caller, [reading], action="question", basis=PROTECTION)
        return QuestionRead(
            **self.told(row),
            text=self.unseal(row, "body") or "",
            about=entry,
            statement=self.unseal(row, "statement"),
            stated_at=row["stated_at"],
            answer=self.unseal(row, "answer"),
            answered_at=row["answered_at"],
        )

    async def asked_of(self, caller: Caller, after: UUID | None, limit: int) -> AskedOfUs:
        """The open questions about a department's own accesses, without whom each is about; written down, and seen by
        the people who asked."""
        async with transaction(self.pool) as connection:
            rows = await sql.of_department(connection, caller.department or "", after, limit)
            readings = [Reading(str(row["person_id"]), ()) for row in rows]
            await record(connection, caller, readings, action="question-asked", basis=OWN_ACCESSES)
            asked = [
                Asked(
                    question=row["question_id"],
                    about=await self.entry(connection, row["access_id"]),
                    due=row["due"],
                    statement=self.unseal(row, "statement"),
                )
                for row in rows
            ]
        return AskedOfUs(questions=asked, next_after=rows[-1]["question_id"] if len(rows) == limit else None)

    async def state(self, caller: Caller, question: UUID, text: str) -> None:
        """Give the department's reason. Raises NotFound for what is not asked of it, or answered already."""
        sealed = self.seal(question, "statement", text)
        async with transaction(self.pool) as connection:
            if not await sql.state(connection, question, caller.department or "", sealed, caller.subject):
                raise NotFound

    async def answer(self, caller: Caller, question: UUID, text: str) -> None:
        """Answer the person. Raises NotFound, and Conflict where it was answered before."""
        async with transaction(self.pool) as connection:
            if await sql.one(connection, question) is None:
                raise NotFound
            if not await sql.answer(connection, question, self.seal(question, "answer", text), caller.subject):
                raise Conflict

    async def entry(self, connection: Connection, access_id: UUID) -> Entry:
        """The entry that is questioned."""
        row = await sql.entry(connection, access_id)
        if row is None:
            raise NotFound  # deleted by somebody with the database: `tenfold audit verify` names it
        return Entry(
            entry=row["access_id"],
            at=row["at"],
            action=row["action"],
            department=self.citizens.department(row["department"]) if row["department"] else None,
            service=row["service"],
            official=row["subject"],
            purpose=row["purpose"],
            fields=row["fields"],
            basis=row["basis"],
        )

    def told(self, row: asyncpg.Record) -> dict[str, object]:
        """What stands in a list."""
        return {
            "question": row["question_id"],
            "entry": row["access_id"],
            "department": self.citizens.department(row["department"]) if row["department"] else None,
            "asked_at": row["asked_at"],
            "due": row["due"],
            "standing": standing(row, clock.today()),
            "stated": row["stated_at"] is not None,
        }

    def seal(self, question: UUID, what: str, text: str) -> bytes:
        """A text, bound to its question and place."""
        return seal(self.citizens.vault.ring, KEY, text.encode(), what.encode() + question.bytes)

    def unseal(self, row: asyncpg.Record, what: str) -> str | None:
        """A stored text; None where there is none yet."""
        if row[what] is None:
            return None
        return unseal(self.citizens.vault.ring, KEY, row[what], what.encode() + row["question_id"].bytes).decode()


def standing(row: asyncpg.Record, today: date) -> Standing:
    """How a question stands on a day."""
    if row["answered_at"] is not None:
        return "answered"
    return "overdue" if row["due"] < today else "open"
