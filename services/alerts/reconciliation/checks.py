"""The checks of alerts: rows, positions, and how far the registry is followed. What they find never leaves alerts."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from services.alerts.tables import TABLES
from shared.app import Service
from shared.feed.follow import Fetch, Reset
from shared.reconciliation import repository
from shared.reconciliation.kinds import CURSOR_AHEAD, Finding
from shared.reconciliation.own import own_checks
from shared.reconciliation.running import Check, Reconciler, Step

CARE: Final = "care"


def reconciler(service: Service, fetch: Fetch) -> Reconciler:
    """The running reconciler of alerts; `fetch` gets pages of the registry's feeds."""
    cursors = Check("cursors", (CURSOR_AHEAD,), partial(cursor, service, fetch))
    return Reconciler(service.pool, [*own_checks(service.pool, TABLES), cursors])


async def cursor(service: Service, fetch: Fetch, place: str) -> AsyncIterator[Step]:
    """Alerts stands nowhere beyond the end of `care`: the own cursor is read before the end it cannot have passed."""
    async with service.pool.acquire() as connection:
        epoch, position = await repository.cursor(connection, CARE)
    try:
        page = await fetch(CARE, 0, None, 1, 0)
    except Reset:
        return  # it begins anew, and its follower with it
    ahead = epoch == page.epoch and position > page.head
    yield Step(CARE, [Finding(CURSOR_AHEAD, f"{CARE}/0")] if ahead else [])
