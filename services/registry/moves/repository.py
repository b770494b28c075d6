"""Half moves in PostgreSQL. All SQL of the feature."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.db import Connection

OF_PEOPLE = "SELECT move_id, person_id, half, since, area, permit FROM half_move WHERE person_id = ANY($1::uuid[])"
MATCHED = "DELETE FROM half_move /* removes */ WHERE move_id = ANY($1::uuid[])"
ADD = """
INSERT INTO half_move (move_id, person_id, half, since, area, permit, recorded_at)
SELECT *, $7::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::text[], $6::bytea[])
"""

# `$1`: prefixes of area codes, null for all; the oldest first.
LISTED = """
SELECT move_id, person_id, half, since, area, permit FROM half_move
 WHERE ($1::text[] IS NULL OR area LIKE ANY($1)) AND ($2::text IS NULL OR half = $2)
   AND ($3::date IS NULL OR (since, move_id) > ($3, $4))
 ORDER BY since, move_id LIMIT $5
"""


async def of_people(connection: Connection, people: Collection[UUID]) -> list[asyncpg.Record]:
    """The unmatched halves stored of people."""
    return await connection.fetch(OF_PEOPLE, list(people))


async def matched(connection: Connection, ids: Collection[UUID]) -> None:
    """These halves stand alone no more."""
    await connection.execute(MATCHED, list(ids))


async def add(connection: Connection, rows: Sequence[Sequence[object]], at: datetime) -> None:
    """New ones: (id, person, half, since, area, permit)."""
    await connection.execute(ADD, *(list(column) for column in zip(*rows, strict=True)), at)


async def listed(
    connection: Connection,
    areas: Sequence[str] | None,
    half: str | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Halves in these areas, the oldest first."""
    prefixes = None if areas is None else [f"{area}%" for area in areas]
    return await connection.fetch(LISTED, prefixes, half, *(after or (None, None)), limit)
