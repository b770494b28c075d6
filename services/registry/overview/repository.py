"""Figures of the registry for administrators. Counts of the work, not of people by any property."""

from shared.db import Connection

OVERVIEW = """
SELECT (SELECT count(*) FROM person WHERE merged_into IS NULL) AS people,
       (SELECT count(*) FROM vital_event) AS applied,
       (SELECT count(*) FROM held_event WHERE rejected_at IS NULL) AS held,
       (SELECT count(*) FROM parked WHERE settled_at IS NULL) AS parked
"""
FEEDS = """
SELECT h.feed, h.partition, h.epoch, h.position AS head,
       (SELECT count(*) FROM feed_entry e WHERE e.feed = h.feed AND e.partition = h.partition) AS entries
  FROM feed_head h ORDER BY 1, 2
"""
CURSORS = "SELECT feed, partition, position, moved_at FROM feed_cursor ORDER BY feed, partition"


async def overview(connection: Connection) -> dict[str, object]:
    """Everything the overview shows, in the caller's snapshot."""
    row = await connection.fetchrow(OVERVIEW)
    return {
        **dict(row or {}),
        "feeds": [dict(r) for r in await connection.fetch(FEEDS)],
        "followed": [dict(r) for r in await connection.fetch(CURSORS)],
    }
