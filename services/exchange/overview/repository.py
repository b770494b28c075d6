"""Figures for administrators: reported, applied, held per department; feeds and lags. Counts only, no people."""

from services.exchange.cases.repository import reached
from services.exchange.corrections.repository import unacknowledged
from services.exchange.intake.journal import FEED
from services.exchange.receipts.rules import Clock
from shared.db import Connection
from shared.feed.figures import figures
from shared.reconciliation.repository import standing
from shared.settings import Settings

DEPARTMENTS = """
SELECT j.department, count(*) AS accepted, count(*) FILTER (WHERE o.status = 'applied') AS applied,
       count(*) FILTER (WHERE o.status = 'held') AS held, count(*) FILTER (WHERE o.status = 'rejected') AS rejected,
       count(*) FILTER (WHERE (o.status = 'held' AND o.due < $1) OR (o.receipt IS NULL AND j.recorded_at < $2))
         AS overdue,
       max(j.recorded_at) AS last_seen
  FROM journal j LEFT JOIN outcome o USING (receipt) GROUP BY j.department ORDER BY j.department
"""

JOURNAL = "SELECT partition, count(*) FROM journal GROUP BY partition"


async def overview(connection: Connection, now: Clock, settings: Settings) -> dict[str, object]:
    """Everything the overview shows, in one snapshot of the exchange; `now` says what is overdue."""
    journal = {(FEED, row["partition"]): row["count"] for row in await connection.fetch(JOURNAL)}
    departments = [dict(row) for row in await connection.fetch(DEPARTMENTS, now.today, now.slow)]
    told = {"departments": departments, **await figures(connection, journal)}
    told["corrections"] = await unacknowledged(connection, now.today)
    quotas = (settings.cases_per_official_and_day, settings.cases_per_department_and_day)
    told["case_quotas_reached"] = await reached(connection, now.today, *quotas)
    return told | {"reconciler": await standing(connection)}
