"""Held events whose day has passed are rejected: the only rejection that no clerk makes."""

from shared import clock
from shared.db import Pool, transaction
from shared.feed.log import FeedLog

from services.registry.facts.told import CHANGES, outcome

DEADLINE_PASSED = "deadline-passed"

OVERDUE = """
DELETE FROM held_event WHERE receipt IN (
  SELECT receipt FROM held_event WHERE due < $1 ORDER BY receipt LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING receipt
"""


async def reject_overdue(pool: Pool, feeds: FeedLog) -> int:
    """Reject what was due before today; returns how many."""
    async with transaction(pool) as connection:
        receipts = [row["receipt"] for row in await connection.fetch(OVERDUE, clock.today())]
        entries = [outcome(receipt, "rejected", reason=DEADLINE_PASSED) for receipt in sorted(receipts)]
        await feeds.append(connection, CHANGES, entries)
    return len(receipts)
