"""Agreements as told. All SQL of the feature."""

from datetime import datetime

import asyncpg

from shared.db import Connection

# One writer: the follower holds its cursor's row from the beginning of its transaction.
TELL = """
INSERT INTO agreement_told (identifier, status, document, told, told_at)
VALUES ($1, $2, $3::jsonb, 1 + coalesce((SELECT max(told) FROM agreement_told), 0), $4)
ON CONFLICT (identifier) DO UPDATE
   SET status = excluded.status, document = excluded.document, told = excluded.told, told_at = excluded.told_at
 WHERE agreement_told.told_at <= excluded.told_at
RETURNING NOT EXISTS (SELECT 1 FROM agreement_told b WHERE (b.identifier, b.status, b.document) = ($1, $2, $3::jsonb))
"""
NEWEST = "SELECT max(told) FROM agreement_told"
IN_FORCE = "SELECT document FROM agreement_told WHERE status = 'in-force' ORDER BY identifier"


async def tell(connection: Connection, identifier: str, status: str, document: str, at: datetime) -> bool:
    """Store what was told last of an agreement; whether it is news. An older telling that comes late, parked till now,
    changes nothing."""
    return bool(await connection.fetchval(TELL, identifier, status, document, at))


async def newest(connection: Connection) -> int | None:
    """The number of the last telling; None before the first."""
    number: int | None = await connection.fetchval(NEWEST)
    return number


async def in_force(connection: Connection) -> list[asyncpg.Record]:
    """The documents of those that stand; their own days are judged by who reads them."""
    return await connection.fetch(IN_FORCE)
