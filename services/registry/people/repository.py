"""Reading one person: links and facts. All SQL of the feature."""

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

# With the state that was shown, as this transaction sees it: whoever tells of the look-up compares it (telling.py).
GIVEN = """
INSERT INTO look_up_given (person_id, folded_at, body) SELECT person_id, folded_at, $2 FROM person WHERE person_id = $1
"""

# What is told is gone; several may tell at the same time.
TAKE_GIVEN = """
DELETE FROM look_up_given /* removes */ WHERE given_id IN (
  SELECT given_id FROM look_up_given ORDER BY given_id LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING given_id, person_id, folded_at, given_at, body
"""
SHOWN = """
SELECT p.person_id AS asked, r.person_id, r.folded_at, r.state FROM person p
  JOIN person r ON r.person_id = coalesce(p.merged_into, p.person_id) WHERE p.person_id = ANY($1::uuid[])
"""


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


async def facts(connection: Connection, person: UUID, known_at: datetime | None) -> list[asyncpg.Record]:
    """The facts linked to a person, now or as was known at a time."""
    if known_at is None:
        return await connection.fetch(FACTS, person)
    return await connection.fetch(FACTS_KNOWN_AT, person, known_at)


async def household_id(connection: Connection, number: str) -> UUID | None:
    """A household by its number."""
    found: UUID | None = await connection.fetchval(HOUSEHOLD_ID, number)
    return found


async def given(connection: Connection, person: UUID, body: bytes) -> None:
    """Note that a look-up gives something of a person, in the transaction that reads it."""
    await connection.execute(GIVEN, person, body)


async def any_given(connection: Connection) -> bool:
    """Whether there is a look-up of which the exchange is not told yet."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM look_up_given)")
    return found


async def take_given(connection: Connection, limit: int) -> list[asyncpg.Record]:
    """The oldest look-ups of which the exchange is not told yet; they are gone when this transaction commits."""
    return sorted(await connection.fetch(TAKE_GIVEN, limit), key=lambda row: row["given_id"])


async def shown(connection: Connection, people: list[UUID]) -> dict[UUID, asyncpg.Record]:
    """Whoever these people are now, with their states: by the id that was shown."""
    return {row["asked"]: row for row in await connection.fetch(SHOWN, people)}
