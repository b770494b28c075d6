"""How feeds stand, for the overviews of administrators: counts of entries, never of people."""

from collections.abc import Mapping

from shared.db import Connection
from shared.feed.parked import count_unsettled

# Dense positions make completeness a comparison: entries = head, in every partition.
FEEDS = """
SELECT h.feed, h.partition, h.epoch, h.position AS head,
       (SELECT count(*) FROM feed_entry e WHERE e.feed = h.feed AND e.partition = h.partition) AS entries
  FROM feed_head h ORDER BY 1, 2
"""
CURSORS = "SELECT feed, partition, position, moved_at FROM feed_cursor ORDER BY feed, partition"


async def figures(connection: Connection, counted: Mapping[tuple[str, int], int] | None = None) -> dict[str, object]:
    """Every feed with head and count, how far others are followed, and what is parked; in the caller's snapshot.

    `counted`: entries by feed and partition where they stand in a table of their own, as the journal's do.
    """
    feeds = [dict(row) for row in await connection.fetch(FEEDS)]
    for feed in feeds:
        feed["entries"] += (counted or {}).get((feed["feed"], feed["partition"]), 0)
    return {
        "feeds": feeds,
        "followed": [dict(row) for row in await connection.fetch(CURSORS)],
        "parked": await count_unsettled(connection),
    }
