"""Lists of areas in PostgreSQL. All SQL of the feature."""

from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.db import Connection

# One list follows another: two administrators at once are one after the other.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('area_list'))"
NEWEST = """
SELECT list_id FROM area_list WHERE $1::timestamptz IS NULL OR entered_at <= $1 ORDER BY list_id DESC LIMIT 1
"""
ONE = "SELECT list_id, entered_at, subject, reason, count, areas FROM area_list WHERE list_id = $1"
ENTER = "INSERT INTO area_list (subject, reason, count, areas) VALUES ($1, $2, $3, $4) RETURNING list_id"
LISTS = """
SELECT list_id, entered_at, subject, reason, count FROM area_list
 WHERE $1::uuid IS NULL OR list_id < $1 ORDER BY list_id DESC LIMIT $2
"""
COUNTED_ON = "SELECT counted_on FROM area_list WHERE list_id = $1"
COUNTED = "UPDATE area_list SET counted_on = $2 WHERE list_id = $1"


async def lock(connection: Connection) -> None:
    """Wait for whoever else enters a list."""
    await connection.execute(LOCK)


async def newest(connection: Connection, known_at: datetime | None) -> UUID | None:
    """The list that stood at an instant; now where None; None where none was entered yet."""
    found: UUID | None = await connection.fetchval(NEWEST, known_at)
    return found


async def one(connection: Connection, list_id: UUID) -> asyncpg.Record | None:
    """A list by its id."""
    return await connection.fetchrow(ONE, list_id)


async def enter(connection: Connection, subject: str, reason: str, count: int, areas: bytes) -> UUID:
    """Add a list: it stands from now on."""
    found: UUID = await connection.fetchval(ENTER, subject, reason, count, areas)
    return found


async def lists(connection: Connection, after: UUID | None, limit: int) -> list[asyncpg.Record]:
    """Lists, the newest first."""
    return await connection.fetch(LISTS, after, limit)


async def counted_on(connection: Connection, list_id: UUID) -> date | None:
    """The day on which everybody was counted by a list; None: never."""
    found: date | None = await connection.fetchval(COUNTED_ON, list_id)
    return found


async def counted(connection: Connection, list_id: UUID, day: date) -> None:
    """Note that everybody is counted by a list as it reads on that day."""
    await connection.execute(COUNTED, list_id, day)
