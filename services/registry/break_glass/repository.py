"""Times that glass was broken. All SQL of the feature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.db import Connection

NEW_ID = "SELECT uuidv7()"

# One at a time for a department, so that the count holds.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('break_glass ' || $1))"
USED = """
SELECT count(*) FILTER (WHERE subject = $2) AS official, count(*) AS department FROM break_glass
 WHERE (department, day) = ($1, $3)
"""
ADD = """
INSERT INTO break_glass (grant_id, department, subject, day, person_id, category, reason, until, justify_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
GRANTED = """
SELECT DISTINCT g.department, g.subject, coalesce(p.merged_into, p.person_id) AS person_id
  FROM break_glass g JOIN person p USING (person_id)
  JOIN unnest($1::text[], $2::text[], $3::uuid[]) AS asked(department, subject, person_id)
    ON (g.department, g.subject) = (asked.department, asked.subject)
   AND coalesce(p.merged_into, p.person_id) = asked.person_id
 WHERE g.until > $4
"""
JUSTIFY = """
UPDATE break_glass SET justification = $4, justified_at = clock_timestamp()
 WHERE (grant_id, department, subject) = ($1, $2, $3) AND person_id IS NOT NULL AND justified_at IS NULL
RETURNING grant_id
"""
FLAG = """
INSERT INTO flag (flag_id, rule, department, subject, access_id, at)
SELECT $1::uuid, 'break-glass', $2::text, $3::text, access_id, at FROM access_log
 WHERE reference = $4 AND action = 'break-glass' AND (department, subject) = ($2, $3) ORDER BY access_id DESC LIMIT 1
"""
ABOUT = """
SELECT grant_id, department, category, granted_at, until, justified_at FROM break_glass
 WHERE person_id = ANY($1::uuid[]) ORDER BY grant_id DESC LIMIT 100
"""


Look = tuple[str, str, UUID]
"""A department, its official, and the person they look at."""


@dataclass(frozen=True)
class Grant:
    """A time that glass was broken; without a person where nobody certain was found."""

    grant: UUID
    department: str
    subject: str
    day: date
    person: UUID | None
    category: str
    reason: bytes
    until: datetime
    justify_by: datetime


@dataclass(frozen=True)
class Used:
    """How often glass was broken on a day."""

    official: int
    department: int


async def new_id(connection: Connection) -> UUID:
    """An id in the order of time, known before the row so that what is sealed is bound to it."""
    made: UUID = await connection.fetchval(NEW_ID)
    return made


async def used(connection: Connection, department: str, subject: str, day: date) -> Used:
    """How often it was done on this day; nobody else of the department does it until this transaction ends."""
    await connection.execute(LOCK, department)
    row = await connection.fetchrow(USED, department, subject, day)
    return Used(row["official"], row["department"]) if row else Used(0, 0)


async def add(connection: Connection, grant: Grant) -> None:
    """Store it."""
    await connection.execute(
        ADD,
        grant.grant,
        grant.department,
        grant.subject,
        grant.day,
        grant.person,
        grant.category,
        grant.reason,
        grant.until,
        grant.justify_by,
    )


async def flag(connection: Connection, grant: Grant) -> None:
    """Flag it for the protection officer, with the entry of the access log that this transaction wrote."""
    await connection.execute(FLAG, grant.grant, grant.department, grant.subject, str(grant.person))


async def granted(connection: Connection, asked: Iterable[Look], now: datetime) -> set[Look]:
    """Which of these looks, each of an official at a person, a broken glass allows now."""
    looks = sorted(set(asked))
    if not looks:
        return set()
    columns = ([look[place] for look in looks] for place in range(3))
    return {
        (row["department"], row["subject"], row["person_id"]) for row in await connection.fetch(GRANTED, *columns, now)
    }


async def justify(connection: Connection, grant: UUID, department: str, subject: str, text: bytes) -> bool:
    """Store why; False for what is not this official's, or justified already."""
    return await connection.fetchval(JUSTIFY, grant, department, subject, text) is not None


async def about(connection: Connection, people: Sequence[UUID]) -> list[asyncpg.Record]:
    """The last hundred times that glass was broken on a person."""
    return await connection.fetch(ABOUT, list(people))
