"""Reading one person: links, facts and reporters. All SQL of the feature."""

from datetime import datetime
from uuid import UUID

import asyncpg

from shared.db import Connection

ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
ROOT = "SELECT coalesce(merged_into, person_id) FROM person WHERE person_id = $1"

# Merges known by then, followed from the reference of an earlier time.
ROOT_KNOWN_AT = """
WITH RECURSIVE line(person_id, since) AS (
  SELECT $1::uuid, '-infinity'::timestamptz
  UNION SELECT r.to_person, r.recorded_at FROM line JOIN relink r ON r.from_person = line.person_id
                                           AND r.recorded_at > line.since AND r.recorded_at <= $2)
SELECT person_id FROM line ORDER BY since DESC LIMIT 1
"""
HOLDERS = "SELECT person_id FROM identifier_index WHERE blind_index = $1 ORDER BY person_id"

# A department holds a case on whom it has reported about.
REPORTED_ON = """
SELECT DISTINCT f.person_id FROM fact f JOIN vital_event e USING (receipt)
 WHERE f.person_id = ANY($1::uuid[]) AND e.department = $2 AND e.action <> 'annulled'
   AND NOT EXISTS (SELECT 1 FROM vital_event s WHERE s.lineage = e.lineage
                      AND s.supersedes_source = e.source AND s.supersedes_id = e.id)
"""

FACTS = """
SELECT f.receipt, f.role, f.body, e.recorded_at, e.lineage FROM fact f JOIN vital_event e USING (receipt)
 WHERE f.person_id = $1
"""

# Who a fact was linked to at a time: where its first later move started, else where it is linked now.
FACTS_KNOWN_AT = """
SELECT f.receipt, f.role, f.body, e.recorded_at, e.lineage
  FROM fact f JOIN vital_event e USING (receipt)
  LEFT JOIN LATERAL (SELECT r.from_person FROM relink r WHERE r.receipt = f.receipt AND r.role = f.role
                        AND r.recorded_at > $2 ORDER BY r.recorded_at LIMIT 1) later ON true
 WHERE (f.person_id = $1 OR (f.receipt, f.role) IN (SELECT receipt, role FROM relink WHERE from_person = $1))
   AND coalesce(later.from_person, f.person_id) = $1
"""

HOUSEHOLD_ID = "SELECT household_id FROM household WHERE number = $1"


async def one_moment(connection: Connection) -> None:
    """Read everything as of one moment: facts of before a correction with the corrections of after it show nobody."""
    await connection.execute(ONE_MOMENT)


async def root_of(connection: Connection, person: UUID) -> UUID | None:
    """The person that lives on under this id; None where there is none."""
    found: UUID | None = await connection.fetchval(ROOT, person)
    return found


async def root_known_at(connection: Connection, person: UUID, known_at: datetime) -> UUID:
    """The person that this id stood for by what was known then."""
    found: UUID = await connection.fetchval(ROOT_KNOWN_AT, person, known_at)
    return found


async def holders(connection: Connection, index: bytes) -> list[UUID]:
    """Everyone who holds an identifier: more than one is an answer, never "the first hit"."""
    return [row["person_id"] for row in await connection.fetch(HOLDERS, index)]


async def reported_on(connection: Connection, people: list[UUID], department: str) -> set[UUID]:
    """Whom of these the department has reported about, by something that still counts: a number mistyped for a
    stranger's and then corrected is no case on the stranger."""
    return {row["person_id"] for row in await connection.fetch(REPORTED_ON, people, department)}


async def facts(connection: Connection, person: UUID, known_at: datetime | None) -> list[asyncpg.Record]:
    """The facts linked to a person, now or as was known at a time."""
    if known_at is None:
        return await connection.fetch(FACTS, person)
    return await connection.fetch(FACTS_KNOWN_AT, person, known_at)


async def household_id(connection: Connection, number: str) -> UUID | None:
    """A household by its number."""
    found: UUID | None = await connection.fetchval(HOUSEHOLD_ID, number)
    return found
