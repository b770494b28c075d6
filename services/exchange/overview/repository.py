"""Figures for administrators: reported, applied, held per department; feeds and lags. Counts only, no people."""

from shared.db import Connection
from shared.feed.parked import count_unsettled

DEPARTMENTS = """
SELECT j.department, count(*) AS accepted, count(*) FILTER (WHERE o.status = 'applied') AS applied,
       count(*) FILTER (WHERE o.status = 'held') AS held, count(*) FILTER (WHERE o.status = 'rejected') AS rejected,
       max(j.recorded_at) AS last_seen
  FROM journal j LEFT JOIN outcome o USING (receipt) GROUP BY j.department ORDER BY j.department
"""

# Dense positions make completeness a comparison: entries = head, in every partition.
FEEDS = """
SELECT h.feed, h.partition, h.epoch, h.position AS head,
       (SELECT count(*) FROM feed_entry e WHERE e.feed = h.feed AND e.partition = h.partition) AS entries
  FROM feed_head h WHERE h.feed <> 'vital-events'
UNION ALL
SELECT h.feed, h.partition, h.epoch, h.position,
       (SELECT count(*) FROM journal j WHERE j.partition = h.partition)
  FROM feed_head h WHERE h.feed = 'vital-events'
ORDER BY 1, 2
"""

CURSORS = "SELECT feed, partition, position, moved_at FROM feed_cursor ORDER BY feed, partition"


async def overview(connection: Connection) -> dict[str, object]:
    """Everything the overview shows, in one snapshot of the exchange."""
    return {
        "departments": [dict(row) for row in await connection.fetch(DEPARTMENTS)],
        "feeds": [dict(row) for row in await connection.fetch(FEEDS)],
        "followed": [dict(row) for row in await connection.fetch(CURSORS)],
        "parked": await count_unsettled(connection),
    }
