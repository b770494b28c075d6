"""Questioned entries of the access log. All SQL of the feature."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from shared.db import Connection

NEW_ID = "SELECT uuidv7()"
ENTRY = """
SELECT access_id, at, action, subject, department, service, purpose, fields, basis, reference FROM access_log
 WHERE access_id = $1 AND action <> 'protection-unseen'
"""
ASK = """
INSERT INTO question (question_id, access_id, person_id, department, body, due) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (access_id) DO NOTHING RETURNING asked_at
"""

QUESTION = """
question_id, access_id, person_id, department, body, asked_at, due, statement, stated_at, answer, answered_at
"""
OF_PERSON = f"""
SELECT {QUESTION} FROM question WHERE person_id = ANY($1::uuid[]) AND ($2::uuid IS NULL OR question_id < $2)
 ORDER BY question_id DESC LIMIT $3
"""

# In the order of days due; the cursor is a question, whose day is looked up again.
LISTED = f"""
SELECT {QUESTION} FROM question
 WHERE CASE $1 WHEN 'open' THEN answered_at IS NULL AND due >= $2 WHEN 'overdue' THEN answered_at IS NULL AND due < $2
               WHEN 'answered' THEN answered_at IS NOT NULL ELSE true END
   AND ($3::uuid IS NULL OR (due, question_id) > (SELECT due, question_id FROM question WHERE question_id = $3))
 ORDER BY due, question_id LIMIT $4
"""
ONE = f"SELECT {QUESTION} FROM question WHERE question_id = $1"
OF_DEPARTMENT = f"""
SELECT {QUESTION} FROM question
 WHERE department = $1 AND answered_at IS NULL AND ($2::uuid IS NULL OR question_id > $2)
 ORDER BY question_id LIMIT $3
"""

STATE = """
UPDATE question SET statement = $3, stated_by = $4, stated_at = clock_timestamp()
 WHERE (question_id, department) = ($1, $2) AND answered_at IS NULL RETURNING question_id
"""
ANSWER = """
UPDATE question SET answer = $2, answered_by = $3, answered_at = clock_timestamp()
 WHERE question_id = $1 AND answered_at IS NULL RETURNING question_id
"""


async def new_id(connection: Connection) -> UUID:
    """An id in the order of time, known before the row so that what is sealed is bound to it."""
    made: UUID = await connection.fetchval(NEW_ID)
    return made


async def entry(connection: Connection, access_id: UUID) -> asyncpg.Record | None:
    """One entry of the access log."""
    return await connection.fetchrow(ENTRY, access_id)


async def ask(
    connection: Connection,
    question: UUID,
    access_id: UUID,
    person: UUID,
    department: str | None,
    text: bytes,
    due: date,
) -> asyncpg.Record | None:
    """Store a question; None where the entry is questioned already."""
    return await connection.fetchrow(ASK, question, access_id, person, department, text, due)


async def of_person(
    connection: Connection, people: Sequence[UUID], after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """A person's questions, the newest first."""
    return await connection.fetch(OF_PERSON, list(people), after, limit)


async def listed(
    connection: Connection, standing: str | None, today: date, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Questions by the day they are due."""
    return await connection.fetch(LISTED, standing, today, after, limit)


async def one(connection: Connection, question: UUID) -> asyncpg.Record | None:
    """One question."""
    return await connection.fetchrow(ONE, question)


async def of_department(
    connection: Connection, department: str, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Open questions about a department's accesses."""
    return await connection.fetch(OF_DEPARTMENT, department, after, limit)


async def state(connection: Connection, question: UUID, department: str, text: bytes, by: str) -> bool:
    """Store a department's statement, in place of an earlier one; False where there is no such open question."""
    return await connection.fetchval(STATE, question, department, text, by) is not None


async def answer(connection: Connection, question: UUID, text: bytes, by: str) -> bool:
    """Store the answer; False where it is answered already, or unknown."""
    return await connection.fetchval(ANSWER, question, text, by) is not None
