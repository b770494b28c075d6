"""All SQL of digests."""

from datetime import date
from uuid import UUID

from services.alerts.counts.repository import Counts
from shared.db import Connection

NEWEST = "SELECT facility, max(day) AS day FROM digest WHERE facility = ANY($1::text[]) GROUP BY facility"
# The first worker that comes makes it. Another waits here until that one has committed, and finds it made.
CLAIM = """
INSERT INTO digest (facility, day, entry_id, overdue, today, soon) VALUES ($1, $2, $3, 0, 0, 0)
    ON CONFLICT (facility, day) DO NOTHING RETURNING true
"""
COUNTED = "UPDATE digest SET overdue = $3, today = $4, soon = $5 WHERE facility = $1 AND day = $2"


async def newest(connection: Connection, facilities: list[str]) -> dict[str, date]:
    """The day of each facility's newest digest."""
    return {row["facility"]: row["day"] for row in await connection.fetch(NEWEST, facilities)}


async def claim(connection: Connection, facility: str, day: date, entry_id: UUID) -> bool:
    """Be the one who makes this digest; False where it is made."""
    return bool(await connection.fetchval(CLAIM, facility, day, entry_id))


async def counted(connection: Connection, facility: str, day: date, counts: Counts) -> None:
    """Keep what it says."""
    await connection.execute(COUNTED, facility, day, counts.overdue, counts.today, counts.soon)
