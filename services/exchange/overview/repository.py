"""Figures for administrators: reported, applied, held per department; feeds and lags. Counts only, no people."""

from services.exchange.intake.journal import FEED
from shared.db import Connection
from shared.feed.figures import figures

DEPARTMENTS = """
SELECT j.department, count(*) AS accepted, count(*) FILTER (WHERE o.status = 'applied') AS applied,
       count(*) FILTER (WHERE o.status = 'held') AS held, count(*) FILTER (WHERE o.status = 'rejected') AS rejected,
       max(j.recorded_at) AS last_seen
  FROM journal j LEFT JOIN outcome o USING (receipt) GROUP BY j.department ORDER BY j.department
"""

JOURNAL = "SELECT partition, count(*) FROM journal GROUP BY partition"


async def overview(connection: Connection) -> dict[str, object]:
    """Everything the overview shows, in one snapshot of the exchange."""
    journal = {(FEED, row["partition"]): row["count"] for row in await connection.fetch(JOURNAL)}
    departments = [dict(row) for row in await connection.fetch(DEPARTMENTS)]
    return {"departments": departments, **await figures(connection, journal)}
