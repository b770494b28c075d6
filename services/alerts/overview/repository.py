"""Figures of alerts for administrators: feeds, cursors, what is parked. No count of anybody's contacts."""

from shared.db import Connection

# Dense positions make completeness a comparison: entries = head.
FEEDS = """
SELECT h.feed, h.partition, h.epoch, h.position AS head,
       (SELECT count(*) FROM feed_entry e WHERE e.feed = h.feed AND e.partition = h.partition) AS entries
  FROM feed_head h ORDER BY 1, 2
"""
CURSORS = "SELECT feed, partition, position, moved_at FROM feed_cursor ORDER BY feed, partition"
PARKED = "SELECT count(*) FROM parked WHERE settled_at IS NULL"


async def overview(connection: Connection) -> dict[str, object]:
    """Everything the overview shows, in the caller's snapshot."""
    return {
        "feeds": [dict(row) for row in await connection.fetch(FEEDS)],
        "followed": [dict(row) for row in await connection.fetch(CURSORS)],
        "parked": await connection.fetchval(PARKED),
    }
