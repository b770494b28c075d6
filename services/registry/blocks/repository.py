"""Blocks in PostgreSQL: stored by the fold, read by searches. All SQL of the feature."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg

from shared.db import Connection

Row = tuple[bytes, UUID]

STORE = "INSERT INTO block (key, person_id) SELECT * FROM unnest($1::bytea[], $2::uuid[]) ON CONFLICT DO NOTHING"
REMOVE = """
DELETE FROM block /* removes */ USING unnest($1::bytea[], $2::uuid[]) AS left_by(key, person_id)
 WHERE (block.key, block.person_id) = (left_by.key, left_by.person_id)
"""

# Of a block that half the city stands in no more is read than this: it tells nobody apart.
OF_ONE_BLOCK = 2_000
CANDIDATES = f"""
SELECT person_id, state, folded_at FROM person
 WHERE merged_into IS NULL AND person_id IN (
  SELECT found.person_id FROM unnest($1::bytea[]) AS wanted(key),
         LATERAL (SELECT b.person_id FROM block b WHERE b.key = wanted.key LIMIT {OF_ONE_BLOCK}) found)
"""
# The same for several at once, without what they say: people stand beside one another in many blocks.
BESIDE = f"""
SELECT DISTINCT wanted.place, found.person_id FROM unnest($1::int[], $2::bytea[]) AS wanted(place, key),
       LATERAL (SELECT b.person_id FROM block b WHERE b.key = wanted.key LIMIT {OF_ONE_BLOCK}) found
"""

AFTER = """
SELECT key, person_id FROM block WHERE (key, person_id) > ($1, $2) ORDER BY key, person_id LIMIT $3
"""
STANDING = """
SELECT key, person_id FROM block JOIN unnest($1::bytea[], $2::uuid[]) AS wanted(key, person_id) USING (key, person_id)
"""


async def store(connection: Connection, added: Iterable[Row], removed: Iterable[Row]) -> None:
    """Put people into blocks, and take them out of others. One statement each, none where nothing changed."""
    gone, come = sorted(removed), sorted(added)
    if gone:
        await connection.execute(REMOVE, [key for key, _ in gone], [person for _, person in gone])
    if come:
        await connection.execute(STORE, [key for key, _ in come], [person for _, person in come])


async def candidates(connection: Connection, keys: Iterable[bytes]) -> list[asyncpg.Record]:
    """Everyone in one of these blocks, sealed: (person_id, state, folded_at)."""
    return await connection.fetch(CANDIDATES, sorted(set(keys)))


async def beside(connection: Connection, wanted: Sequence[Iterable[bytes]]) -> list[tuple[int, UUID]]:
    """Whoever stands in one of the blocks at each place of `wanted`, merged people among them: (place, person_id)."""
    rows = [(place, key) for place, keys in enumerate(wanted) for key in sorted(keys)]
    found = await connection.fetch(BESIDE, [place for place, _ in rows], [key for _, key in rows])
    return [(row["place"], row["person_id"]) for row in found]


async def after(connection: Connection, last: Row, limit: int) -> list[Row]:
    """The next rows by key and person."""
    return [(row["key"], row["person_id"]) for row in await connection.fetch(AFTER, *last, limit)]


async def standing(connection: Connection, wanted: Sequence[Row]) -> list[Row]:
    """Which of these rows there are."""
    rows = await connection.fetch(STANDING, [key for key, _ in wanted], [person for _, person in wanted])
    return [(row["key"], row["person_id"]) for row in rows]
