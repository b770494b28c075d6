"""Held events whose day has passed are rejected: the only rejection that no clerk makes."""

from services.registry.facts.told import CHANGES, outcome
from shared import clock
from shared.db import Pool, transaction
from shared.feed.log import FeedLog

DEADLINE_PASSED = "deadline-passed"

# The row stays, without what was reported, so that a repeat of the event is known to be rejected.
OVERDUE = """
UPDATE held_event SET rejected_at = clock_timestamp(), body = ''::bytea WHERE receipt IN (
  SELECT receipt FROM held_event WHERE due < $1 AND rejected_at IS NULL
   ORDER BY receipt LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING receipt
"""


async def reject_overdue(pool: Pool, feeds: FeedLog) -> int:
    """Reject what was due before today; returns how many."""
    async with transaction(pool) as connection:
        receipts = [row["receipt"] for row in await connection.fetch(OVERDUE, clock.today())]
        entries = [outcome(receipt, "rejected", reason=DEADLINE_PASSED) for receipt in sorted(receipts)]
        await feeds.append(connection, CHANGES, entries)
    return len(receipts)
