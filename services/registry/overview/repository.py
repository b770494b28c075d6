"""Figures of the registry for administrators. Counts of the work, not of people by any property."""

from services.registry.people.quotas import Quotas
from shared.db import Connection
from shared.feed.figures import figures
from shared.reconciliation.repository import standing

OVERVIEW = """
SELECT (SELECT count(*) FROM person WHERE merged_into IS NULL) AS people,
       (SELECT count(*) FROM vital_event) AS applied,
       (SELECT count(*) FROM held_event WHERE rejected_at IS NULL) AS held
"""


async def overview(connection: Connection, quotas: Quotas) -> dict[str, object]:
    """Everything the overview shows, in the caller's snapshot. A quota that an official has come to today is shown by
    department: the protection officer asks there."""
    row = await connection.fetchrow(OVERVIEW)
    return {
        **dict(row or {}),
        **await figures(connection),
        "look_up_quotas_reached": await quotas.reached_today(connection),
        "reconciler": await standing(connection),
    }
