"""What the erasure ledger says is gone, is gone, whichever backup brought it back: before anything is served, and again
whenever an erasure was written down and its transaction failed."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from services.alerts.episodes import repository
from services.alerts.episodes.acting import acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.erasing import erase_rows

log = structlog.get_logger()
BATCH = 1_000


async def replay(care: Care) -> int:
    """Destroy the keys of erased episodes that came back, and remove their rows; how long the ledger is. Raises
    LedgerBroken for one that was rolled back or changed: no service opens beside it."""
    care.vault.ledger.open()
    erased = care.vault.ledger.ids()
    keys = [each for each in erased if care.vault.path(each).exists()]
    for each in keys:
        care.vault.destroy(each)
    rows = await remove(care, erased)
    if keys or rows:
        log.warning("erasures_replayed", keys=len(keys), episodes=rows)
    return len(erased)


async def sweep(care: Care, after: int) -> int:
    """Finish the erasures written down since the `after`th, where rows are left; how long the ledger is now."""
    erased = care.vault.ledger.ids(after)
    for each in erased:
        care.vault.destroy(each)
    await remove(care, erased)
    return after + len(erased)


async def remove(care: Care, erased: Sequence[UUID]) -> int:
    """Remove whatever rows there are of erased episodes; of how many there were some."""
    rows = 0
    for start in range(0, len(erased), BATCH):
        async with acting(care) as act:
            found = await repository.still_there(act.connection, erased[start : start + BATCH])
            if found:
                await erase_rows(act, found)
        rows += len(found)
    return rows
