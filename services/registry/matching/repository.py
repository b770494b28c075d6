"""Who is to be compared, and with whom. All SQL of the feature."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registry.facts.values import Mention
from shared.db import Connection

# Described otherwise once more while a comparison runs: compared again.
QUEUE = """
INSERT INTO to_compare (person_id, queued_at) SELECT unnest($1::uuid[]), $2
ON CONFLICT (person_id) DO UPDATE SET queued_at = excluded.queued_at
"""

QUEUED = "SELECT person_id, queued_at FROM to_compare ORDER BY queued_at, person_id LIMIT $1"
# Never waits: who is being queued again is compared again.
FORGET = """
DELETE FROM to_compare /* removes */ WHERE person_id IN (
  SELECT t.person_id FROM to_compare t JOIN unnest($1::uuid[], $2::timestamptz[]) AS seen(person_id, queued_at)
   USING (person_id, queued_at) FOR UPDATE OF t SKIP LOCKED)
"""

# One in so many by a digest of the id, which says nothing of who it is: ids are in the order of time.
SAMPLE = """
SELECT person_id FROM person
 WHERE person_id > $1 AND merged_into IS NULL AND mod(hashtextextended(person_id::text, 0), $2::bigint) = 0
 ORDER BY person_id LIMIT $3
"""

LIVING = "SELECT person_id, state FROM person WHERE person_id = ANY($1::uuid[]) AND merged_into IS NULL"

# Until this transaction ends nobody of them is merged, parted, or decided about.
STILL = """
SELECT person_id FROM person WHERE person_id = ANY($1::uuid[]) AND merged_into IS NULL ORDER BY person_id FOR SHARE
"""

MENTIONS = """
SELECT f.person_id, e.source, e.id, f.role FROM fact f JOIN vital_event e USING (receipt)
 WHERE f.person_id = ANY($1::uuid[])
"""

CERTAIN = """
SELECT * FROM review WHERE kind = 'possible-match' AND standing = 'open' AND asked_by = $1 ORDER BY review_id LIMIT $2
"""
LEAVE = "UPDATE review SET asked_by = NULL WHERE review_id = $1 AND standing = 'open' AND asked_by = $2"


async def queue(connection: Connection, people: Iterable[UUID], at: datetime) -> None:
    """Let people be compared."""
    await connection.execute(QUEUE, sorted(people), at)


async def queued(connection: Connection, limit: int) -> list[asyncpg.Record]:
    """The next people, each with the instant at which they were queued."""
    return await connection.fetch(QUEUED, limit)


async def forget(connection: Connection, rows: Collection[asyncpg.Record]) -> None:
    """These were compared."""
    await connection.execute(FORGET, [row["person_id"] for row in rows], [row["queued_at"] for row in rows])


async def still_living(connection: Connection, people: Iterable[UUID]) -> set[UUID]:
    """Those who are nobody's former name, and stay as they are until this transaction ends."""
    return {row["person_id"] for row in await connection.fetch(STILL, sorted(set(people)))}


async def living(connection: Connection, people: Collection[UUID]) -> list[asyncpg.Record]:
    """Those who are nobody's former name: (person_id, state)."""
    return await connection.fetch(LIVING, list(people))


async def mentions(connection: Connection, people: Collection[UUID]) -> dict[UUID, list[Mention]]:
    """The source records of people."""
    found: dict[UUID, list[Mention]] = {person: [] for person in people}
    for row in await connection.fetch(MENTIONS, list(people)):
        found[row["person_id"]].append((row["source"], row["id"], row["role"]))
    return found


async def certain(connection: Connection, by: str, limit: int) -> list[asyncpg.Record]:
    """Reviews of pairs that a machine may merge."""
    return await connection.fetch(CERTAIN, by, limit)


async def leave(connection: Connection, review: UUID, by: str) -> None:
    """Leave a pair that the machine asked for (`by`) to a clerk: it is certain no more. One who asked for it, too,
    still does not decide it."""
    await connection.execute(LEAVE, review, by)


async def sample(connection: Connection, behind: UUID, share: int, limit: int) -> list[UUID]:
    """The next people of a sample of one in `share`, by id."""
    return [row["person_id"] for row in await connection.fetch(SAMPLE, behind, share, limit)]
