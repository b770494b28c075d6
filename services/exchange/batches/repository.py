"""Bulk loads: what the journal and the outcomes say of them together. All SQL of the feature."""

from shared.db import Connection

COUNTED = """
SELECT j.batch, count(*) AS reported, count(*) FILTER (WHERE o.receipt IS NULL) AS accepted,
       count(*) FILTER (WHERE o.status = 'applied') AS applied, count(*) FILTER (WHERE o.status = 'held') AS held,
       count(*) FILTER (WHERE o.status = 'rejected') AS rejected,
       min(j.recorded_at) AS first_at, max(j.recorded_at) AS last_at, max(o.settled_at) AS last_settled_at
  FROM journal j LEFT JOIN outcome o USING (receipt) WHERE j.department = $1
"""
ONE = f"{COUNTED} AND j.batch = $2 GROUP BY j.batch"
# The ids first, by steps along the index: a page of loads does not count the loads behind it.
PAGE = f"""
WITH RECURSIVE ids (batch, n) AS (
  (SELECT batch, 1 FROM journal WHERE department = $1 AND batch > $2 ORDER BY batch LIMIT 1)
  UNION ALL
  SELECT (SELECT batch FROM journal WHERE department = $1 AND batch > ids.batch ORDER BY batch LIMIT 1), n + 1
    FROM ids WHERE ids.batch IS NOT NULL AND n < $3)
{COUNTED} AND j.batch IN (SELECT batch FROM ids WHERE batch IS NOT NULL) GROUP BY j.batch ORDER BY j.batch
"""


async def one(connection: Connection, department: str, batch: str) -> dict[str, object] | None:
    """One bulk load of this department; another's of the same id is not looked at."""
    row = await connection.fetchrow(ONE, department, batch)
    return None if row is None else dict(row)


async def many(connection: Connection, department: str, after: str, limit: int) -> list[dict[str, object]]:
    """Bulk loads of this department in the order of their ids, after one of them ("": from the beginning)."""
    return [dict(row) for row in await connection.fetch(PAGE, department, after, limit)]
