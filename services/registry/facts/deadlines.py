"""Held events whose day has passed are rejected: the only rejection that no clerk makes."""

from uuid import UUID

from services.registry.facts import repository
from services.registry.facts.reported import read
from services.registry.facts.stored import Vault
from services.registry.facts.told import CHANGES, imported, outcome
from services.registry.imports.receipts import is_imported
from services.registry.reviews.repository import lapse
from shared import clock
from shared.crypto.keyring import KeyRing
from shared.db import Pool, transaction
from shared.feed.log import FeedLog

DEADLINE_PASSED = "deadline-passed"


async def reject_overdue(pool: Pool, feeds: FeedLog) -> int:
    """Reject what was due before today; returns how many."""
    async with transaction(pool) as connection:
        passed = await repository.let_pass(connection, clock.today())
        receipts = list(passed)
        await repository.forget_numbers(connection, receipts)
        await lapse(connection, receipts)
        entries = [
            outcome(receipt, "rejected", reason=DEADLINE_PASSED, of=imported_as(feeds.ring, receipt, body))
            for receipt, body in passed.items()
        ]
        await feeds.append(connection, CHANGES, entries)
    return len(receipts)


def imported_as(ring: KeyRing, receipt: UUID, sealed: bytes) -> dict[str, str] | None:
    """Whose entry of an imported register a held event was; None of one that came through the exchange."""
    return imported(read(ring, receipt, Vault(ring).open_held(receipt, sealed))) if is_imported(receipt) else None
