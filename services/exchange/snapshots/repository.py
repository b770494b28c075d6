"""What a department holds, page by page, as of one moment. All SQL of the feature."""

from datetime import date

import asyncpg

from shared.db import Connection

# One statement is one snapshot of the database: the head of the feed, what its entries told until then, and the cases.
PAGE = """
SELECT h.epoch AS feed_epoch, h.position AS head, t.*, coalesce(c.reporting, false) AS reporting,
       ARRAY(SELECT b.agreement FROM case_by_call b WHERE (b.department, b.reference) = (t.department, t.reference)
                AND b.status = 'open' AND b.until >= $5) AS called,
       coalesce(p.withheld, false) AS protected
  FROM feed_head h
  LEFT JOIN LATERAL (SELECT department, reference, body, how, told_at, as_of, epoch, position FROM told
                      WHERE department = $1 AND reference > $3 ORDER BY reference LIMIT $4) t ON true
  LEFT JOIN department_case c ON (c.department, c.reference) = (t.department, t.reference)
  LEFT JOIN protected_person p ON (p.department, p.reference) = (t.department, t.reference)
 WHERE h.feed = $2 AND h.partition = 0 ORDER BY t.reference
"""


async def page(
    connection: Connection, department: str, feed: str, after: str, limit: int, today: date
) -> list[asyncpg.Record]:
    """The next people by reference, beside the head of the feed; without anybody one row that has the head only."""
    return await connection.fetch(PAGE, department, feed, after, limit, today)
