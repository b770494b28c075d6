"""Protected people. All SQL of the feature."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.db import Connection

NEW_ID = "SELECT uuidv7()"

# Also of ids that are names of a person now: what was known then is asked by them.
PROTECTORS = """
SELECT DISTINCT p.person_id, q.department FROM person p
  JOIN protection q ON q.person_id = coalesce(p.merged_into, p.person_id) AND q.ended_at IS NULL
 WHERE p.person_id = ANY($1::uuid[])
"""
LIVING = """
SELECT r.person_id, r.merged_into, r.state FROM person p
  JOIN person r ON r.person_id = coalesce(p.merged_into, p.person_id)
 WHERE p.person_id = $1 FOR NO KEY UPDATE OF r
"""
NAMES = """
WITH RECURSIVE names AS (
  SELECT $1::uuid AS person_id
   UNION SELECT a.person_id FROM person_alias a JOIN names n ON a.into_person = n.person_id AND a.until IS NULL)
SELECT person_id FROM names ORDER BY person_id
"""

OF_PERSON = """
SELECT protection_id, body FROM protection
 WHERE person_id = $1 AND department = $2 AND ended_at IS NULL ORDER BY protection_id
"""
ADD = """
INSERT INTO protection (protection_id, person_id, department, body, marked_by, review_by, marked_at)
VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, clock_timestamp()))
"""
# Who protects anew does not want it to end.
RENEW = """
UPDATE protection SET body = $2, marked_by = $3, review_by = $4,
       end_asked_by = NULL, end_asked_at = NULL, end_reason = NULL
 WHERE protection_id = $1
"""

SHOWN = """
SELECT protection_id, person_id, department, body, marked_by, marked_at, review_by, end_asked_by, end_asked_at,
       end_reason, ended_by, ended_at FROM protection WHERE department = $1
"""
LISTED = f"""{SHOWN} AND (ended_at IS NULL) = $2 AND ($3::uuid IS NULL OR protection_id > $3)
 ORDER BY protection_id LIMIT $4
"""
ONE = f"{SHOWN} AND protection_id = $2"
ONE_STANDING = f"{ONE} AND ended_at IS NULL FOR UPDATE"
ASK_END = """
UPDATE protection SET end_asked_by = $2, end_asked_at = clock_timestamp(), end_reason = $3 WHERE protection_id = $1
"""
END = "UPDATE protection SET ended_by = $2, ended_at = clock_timestamp() WHERE protection_id = $1"

ABOUT = """
SELECT protection_id, department, body, marked_by, marked_at, review_by FROM protection
 WHERE person_id = ANY($1::uuid[]) AND ended_at IS NULL ORDER BY protection_id
"""

STANDING = "SELECT DISTINCT person_id FROM protection WHERE ended_at IS NULL AND person_id = ANY($1::uuid[])"
FOLLOW = """
UPDATE protection q SET person_id = m.into_person FROM unnest($1::uuid[], $2::uuid[]) AS m(person_id, into_person)
 WHERE q.person_id = m.person_id
"""


@dataclass(frozen=True)
class NewProtection:
    """A protection to be stored; `body` is sealed. `marked_at`: None for now."""

    protection: UUID
    person: UUID
    department: str
    body: bytes
    marked_by: str
    review_by: date
    marked_at: datetime | None = None


async def new_id(connection: Connection) -> UUID:
    """An id in the order of time, known before the row so that what is sealed is bound to it."""
    made: UUID = await connection.fetchval(NEW_ID)
    return made


async def protectors(connection: Connection, people: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Which departments protect whom of these, under any of their names; nothing of those whom nobody protects."""
    found: dict[UUID, set[str]] = {}
    for row in await connection.fetch(PROTECTORS, sorted(set(people))) if people else []:
        found.setdefault(row["person_id"], set()).add(row["department"])
    return {person: frozenset(departments) for person, departments in found.items()}


async def standing(connection: Connection, people: Collection[UUID]) -> set[UUID]:
    """Who of these living people is protected."""
    rows = await connection.fetch(STANDING, sorted(people)) if people else []
    return {row["person_id"] for row in rows}


async def living(connection: Connection, person: UUID) -> asyncpg.Record | None:
    """Lock the person that lives on under this id, against folds and merges; None where there is none."""
    row = await connection.fetchrow(LIVING, person)
    while row is not None and row["merged_into"] is not None:  # merged while we waited
        row = await connection.fetchrow(LIVING, row["merged_into"])
    return row


async def names(connection: Connection, person: UUID) -> list[UUID]:
    """Every id of a person, the living one among them."""
    return [row["person_id"] for row in await connection.fetch(NAMES, person)]


async def of_person(connection: Connection, person: UUID, department: str) -> list[asyncpg.Record]:
    """A department's protections of a person that stand."""
    return await connection.fetch(OF_PERSON, person, department)


async def add(connection: Connection, new: NewProtection) -> None:
    """Store it."""
    await connection.execute(
        ADD, new.protection, new.person, new.department, new.body, new.marked_by, new.review_by, new.marked_at
    )


async def renew(connection: Connection, protection: UUID, body: bytes, marked_by: str, review_by: date) -> None:
    """Say anew why, and until when it is looked at again; nobody wants it ended any more."""
    await connection.execute(RENEW, protection, body, marked_by, review_by)


async def listed(
    connection: Connection, department: str, *, standing: bool, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """A department's protections, the oldest first."""
    return await connection.fetch(LISTED, department, standing, after, limit)


async def one(connection: Connection, department: str, protection: UUID) -> asyncpg.Record | None:
    """One of a department's protections."""
    return await connection.fetchrow(ONE, department, protection)


async def one_standing(connection: Connection, department: str, protection: UUID) -> asyncpg.Record | None:
    """Lock one of a department's protections that stands."""
    return await connection.fetchrow(ONE_STANDING, department, protection)


async def ask_end(connection: Connection, protection: UUID, official: str, reason: bytes) -> None:
    """Note that an official wants it ended."""
    await connection.execute(ASK_END, protection, official, reason)


async def end(connection: Connection, protection: UUID, official: str) -> None:
    """It has ended."""
    await connection.execute(END, protection, official)


async def about(connection: Connection, people: Collection[UUID]) -> list[asyncpg.Record]:
    """The protections of a person that stand."""
    return await connection.fetch(ABOUT, list(people))


async def follow(connection: Connection, merged: Mapping[UUID, UUID]) -> None:
    """Who is protected goes on under the name of whom they turned out to be."""
    await connection.execute(FOLLOW, list(merged), list(merged.values()))
