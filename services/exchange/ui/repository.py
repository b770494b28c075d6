"""What the pages show beyond what the API gives: newest receipts first, and counts. Nothing here is about a person."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.exchange.receipts.repository import SELECT
from services.exchange.receipts.rules import Clock
from shared.db import Connection

Row = dict[str, object]

COUNTS = """
SELECT (SELECT count(*) FROM journal WHERE department = $1) AS reported,
       count(*) FILTER (WHERE status = 'applied') AS applied, count(*) FILTER (WHERE status = 'held') AS held,
       count(*) FILTER (WHERE status = 'rejected') AS rejected,
       count(*) FILTER (WHERE status = 'held' AND due < $2) AS late
  FROM outcome WHERE department = $1
"""
SLOW = """
SELECT count(*) FROM journal j LEFT JOIN outcome o USING (receipt)
 WHERE j.department = $1 AND o.receipt IS NULL AND j.recorded_at < $2
"""

# People look at the newest first; the API goes the other way. By status the outcomes lead, for they are few.
JOURNAL = "FROM journal j LEFT JOIN outcome o USING (receipt) WHERE j.department = $1"
OUTCOMES = "FROM outcome o JOIN journal j USING (receipt) WHERE o.department = $1"
BEFORE = "AND ($2::uuid IS NULL OR j.receipt < $2)"
ORDER = "ORDER BY j.receipt DESC LIMIT $3"
PAGE = f"{SELECT} {JOURNAL} {BEFORE} {ORDER}"
PAGE_ACCEPTED = f"{SELECT} {JOURNAL} {BEFORE} AND o.receipt IS NULL {ORDER}"
PAGE_SETTLED = f"{SELECT} {OUTCOMES} {BEFORE} AND o.status = $4 {ORDER}"
PAGE_OVERDUE = f"""
SELECT * FROM (({SELECT} {OUTCOMES} {BEFORE} AND o.status = 'held' AND o.due < $4 {ORDER})
  UNION ALL ({SELECT} {JOURNAL} {BEFORE} AND o.receipt IS NULL AND j.recorded_at < $5 {ORDER})) AS late
 ORDER BY late.receipt DESC LIMIT $3
"""

REPORTED = "SELECT department, count(*) AS reported, max(recorded_at) AS last_seen FROM journal GROUP BY department"
SETTLED = """
SELECT department, count(*) FILTER (WHERE status = 'applied') AS applied,
       count(*) FILTER (WHERE status = 'held') AS held, count(*) FILTER (WHERE status = 'rejected') AS rejected,
       count(*) FILTER (WHERE status = 'held' AND due < $1) AS overdue
  FROM outcome GROUP BY department
"""
WAITING = """
SELECT j.department, count(*) AS waiting, min(j.recorded_at) AS waiting_since
  FROM journal j LEFT JOIN outcome o USING (receipt) WHERE o.receipt IS NULL GROUP BY j.department
"""
TOLD = """
SELECT substr(feed, 12) AS department, position AS told, CASE WHEN position > 0 THEN recorded_at END AS told_at
  FROM feed_head WHERE feed LIKE 'department:%'
"""
# What webhooks have still to get: entries not yet planned, and deliveries that are due.
WEBHOOKS = """
SELECT s.department, count(*) AS webhooks, sum(d.parked)::bigint AS webhooks_parked,
       sum(d.due + CASE WHEN h.epoch = s.epoch THEN h.position - s.position ELSE h.position END)::bigint AS undelivered
  FROM subscription s JOIN feed_head h ON h.feed = 'department:' || s.department AND h.partition = 0
 CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'due') AS due,
                            count(*) FILTER (WHERE state = 'parked') AS parked
                       FROM delivery WHERE subscription_id = s.subscription_id AND state IN ('due', 'parked')) d
 WHERE s.url IS NOT NULL GROUP BY s.department
"""
UNACKNOWLEDGED = """
SELECT department, count(*) AS unacknowledged, count(*) FILTER (WHERE acknowledge_by < $1) AS unacknowledged_late
  FROM correction WHERE acknowledged_at IS NULL GROUP BY department
"""


async def counts(connection: Connection, department: str, now: Clock) -> Mapping[str, int]:
    """How a department's receipts stand: reported, applied, held, rejected, accepted (on their way) and overdue."""
    row = await connection.fetchrow(COUNTS, department, now.today)
    assert row is not None
    waiting = row["reported"] - row["applied"] - row["held"] - row["rejected"]
    slow = await connection.fetchval(SLOW, department, now.slow) if waiting else 0
    return {**row, "accepted": waiting, "overdue": row["late"] + slow}


async def newest(
    connection: Connection, department: str, status: str | None, now: Clock, before: UUID | None, limit: int
) -> list[Row]:
    """A department's receipts, newest first, before a keyset cursor; the status may also be `overdue`."""
    where = (department, before, limit)
    match status:
        case None:
            rows = await connection.fetch(PAGE, *where)
        case "accepted":
            rows = await connection.fetch(PAGE_ACCEPTED, *where)
        case "overdue":
            rows = await connection.fetch(PAGE_OVERDUE, *where, now.today, now.slow)
        case _:
            rows = await connection.fetch(PAGE_SETTLED, *where, status)
    return [dict(row) for row in rows]


async def work(connection: Connection, today: date) -> dict[str, dict[str, int | datetime | None]]:
    """Every department's figures: what it reported and what became of it, what it was told and what waits for it."""
    found: dict[str, dict[str, int | datetime | None]] = {}
    for query in (REPORTED, SETTLED, WAITING, TOLD, WEBHOOKS, UNACKNOWLEDGED):
        for row in await connection.fetch(query, *([today] if "$1" in query else [])):
            figures = dict(row)
            found.setdefault(figures.pop("department"), {}).update(figures)
    return found
