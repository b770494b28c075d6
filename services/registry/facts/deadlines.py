"""Held events whose day has passed are rejected: the only rejection that no clerk makes."""

from services.registry.facts import repository
from services.registry.facts.told import CHANGES, outcome
from services.registry.reviews.repository import lapse
from shared import clock
from shared.db import Pool, transaction
from shared.feed.log import FeedLog

DEADLINE_PASSED = "deadline-passed"


async def reject_overdue(pool: Pool, feeds: FeedLog) -> int:
    """Reject what was due before today; returns how many."""
    async with transaction(pool) as connection:
        receipts = await repository.let_pass(connection, clock.today())
        await repository.forget_numbers(connection, receipts)
        await lapse(connection, receipts)
        entries = [outcome(receipt, "rejected", reason=DEADLINE_PASSED) for receipt in receipts]
        await feeds.append(connection, CHANGES, entries)
    return len(receipts)
