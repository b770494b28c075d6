"""Where entries stand on departments' feeds. All SQL of the feature."""

from collections.abc import Sequence
from uuid import UUID

from shared.db import Connection

POSITIONS = """
SELECT entry_id, position FROM feed_entry JOIN unnest($1::text[], $2::uuid[]) AS asked(feed, entry_id)
 USING (feed, entry_id)
"""


async def positions(connection: Connection, entries: Sequence[tuple[str, UUID]]) -> dict[UUID, int]:
    """Entry id → position, of those entries (feed, id) that there are."""
    rows = await connection.fetch(POSITIONS, [feed for feed, _ in entries], [entry for _, entry in entries])
    return {row["entry_id"]: row["position"] for row in rows}
