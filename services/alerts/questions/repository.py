"""All SQL of questioned accesses."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.alerts.own.repository import Look
from shared.db import Connection

LOOK = "access_id, at, subject, service, l.facility, purpose, action, fields, basis, true AS questioned"
ENTRY = f"SELECT {LOOK} FROM access_log l WHERE access_id = $1 AND reference = $2"
STORED = f"""
SELECT question_id, episode_id, q.facility AS asks, state, asked_on, due_on, sealed, answer, answered_on, {LOOK}
  FROM access_question q JOIN access_log l ON l.access_id = q.entry
"""
OF_ENTRY = f"{STORED} WHERE q.entry = $1"
OF_EPISODE = f"{STORED} WHERE episode_id = $1 ORDER BY question_id DESC"


def answers(looked: str, facility: str) -> str:
    """SQL: who answers for what was looked at from a facility ($1 theirs, $2 who, $3 today, $4 the facilities of other
    counties than it serves, NULL where it serves none): never who looked; supervisors of the facility, or, where it
    lists nobody today but who looked, of the one that serves its county."""
    return f"""
 {looked} <> $2 AND ({facility} = $1 OR ({facility} <> ALL($4::text[])
   AND EXISTS (SELECT FROM staff_member s WHERE s.facility = {facility})
   AND NOT EXISTS (
     SELECT FROM staff_member s
      WHERE s.facility = {facility} AND s.role = 'supervisor' AND s.subject <> {looked} AND s.ended_at IS NULL
        AND s.valid_from <= $3 AND (s.valid_until IS NULL OR s.valid_until >= $3))))
"""


ANSWERS = answers("l.subject", "q.facility")
OPEN = f"{STORED} WHERE state = 'open' AND {ANSWERS} ORDER BY due_on, question_id LIMIT 200"
HOW_MANY = "SELECT count(*) FROM access_question WHERE episode_id = $1 AND state = 'open'"
COUNTED = f"""
SELECT count(*) AS waiting, count(*) FILTER (WHERE due_on < $3) AS overdue
  FROM access_question q JOIN access_log l ON l.access_id = q.entry
 WHERE state = 'open' AND {ANSWERS}
"""
ADD = """
INSERT INTO access_question (question_id, episode_id, entry, facility, state, asked_on, due_on, sealed)
VALUES ($1, $2, $3, $4, 'open', $5, $6, $7)
"""
# Answered, it is known by the facility that did.
EPISODE = f"""
SELECT episode_id FROM access_question q JOIN access_log l ON l.access_id = q.entry
 WHERE question_id = $5 AND (state = 'open' OR q.facility = $1) AND {ANSWERS}
"""
ANSWER = """
UPDATE access_question SET state = 'answered', answer = $2, answered_on = $3, facility = $4
 WHERE question_id = $1 AND state = 'open' RETURNING question_id
"""


@dataclass(frozen=True)
class Stored:
    """A question as stored, with the entry that it is about; `asks`: the facility that is asked."""

    question_id: UUID
    episode_id: UUID
    asks: str
    state: str
    asked_on: date
    due_on: date
    sealed: bytes
    answer: bytes | None
    answered_on: date | None
    look: Look


@dataclass(frozen=True)
class Answering:
    """Who would answer: of which facility, on which day, and which facilities are of other counties than that serves;
    None where it serves no county."""

    facility: str
    subject: str
    today: date
    elsewhere: list[str] | None


@dataclass(frozen=True)
class New:
    """A question to be stored."""

    question_id: UUID
    episode_id: UUID
    entry: UUID
    facility: str
    asked_on: date
    due_on: date
    sealed: bytes


async def new_id(connection: Connection) -> UUID:
    """An id in the order of time, known before the row so that what is sealed is bound to it."""
    made: UUID = await connection.fetchval("SELECT uuidv7()")
    return made


async def entry(connection: Connection, access_id: UUID, name: str) -> Look | None:
    """One entry of the log under this name (identity.log_name)."""
    row = await connection.fetchrow(ENTRY, access_id, name)
    return None if row is None else Look(**row)


async def of_entry(connection: Connection, access_id: UUID) -> Stored | None:
    """The question about an entry."""
    row = await connection.fetchrow(OF_ENTRY, access_id)
    return None if row is None else stored(row)


async def of_episode(connection: Connection, episode_id: UUID) -> list[Stored]:
    """Her questions, the newest first."""
    return [stored(row) for row in await connection.fetch(OF_EPISODE, episode_id)]


async def how_many(connection: Connection, episode_id: UUID) -> int:
    """How many of hers wait for an answer."""
    found: int = await connection.fetchval(HOW_MANY, episode_id)
    return found


async def waiting(connection: Connection, who: Answering) -> list[Stored]:
    """What they have to answer, the one due first first."""
    return [stored(row) for row in await connection.fetch(OPEN, *given(who))]


async def counted(connection: Connection, who: Answering) -> tuple[int, int]:
    """How many they have to answer, and how many of them are overdue."""
    (row,) = await connection.fetch(COUNTED, *given(who))
    return row["waiting"], row["overdue"]


async def add(connection: Connection, new: New) -> None:
    """Store a question."""
    await connection.execute(
        ADD, new.question_id, new.episode_id, new.entry, new.facility, new.asked_on, new.due_on, new.sealed
    )


async def episode(connection: Connection, question_id: UUID, who: Answering) -> UUID | None:
    """Whose question it is, where they may answer it, or could before it was answered."""
    found: UUID | None = await connection.fetchval(EPISODE, *given(who), question_id)
    return found


async def answer(connection: Connection, question_id: UUID, sealed: bytes, who: Answering) -> bool:
    """Store the answer; False where there is one."""
    return await connection.fetchval(ANSWER, question_id, sealed, who.today, who.facility) is not None


def given(who: Answering) -> tuple[str, str, date, list[str] | None]:
    """In the order of `answers`."""
    return who.facility, who.subject, who.today, who.elsewhere


def stored(row: asyncpg.Record) -> Stored:
    """A row: the question, and its entry."""
    told = dict(row)
    look = Look(**{name: told.pop(name) for name in Look.__dataclass_fields__})
    return Stored(**told, look=look)
