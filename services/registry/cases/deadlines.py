"""Cases by call end after their last day, or with the agreement they rest on."""

from services.registry.cases import repository
from services.registry.cases.told import ended
from services.registry.facts.told import CHANGES, Telling
from shared import clock
from shared.db import Pool, transaction
from shared.feed import heads
from shared.feed.log import FeedLog


async def end_overdue(pool: Pool, feeds: FeedLog, telling: Telling) -> int:
    """End what is over; returns how many. Until then nothing was told or shown either: `until` counts everywhere.

    The head is locked before rows of cases, as a merge does, which moves them.
    """
    async with transaction(pool) as connection:
        await heads.lock(connection, [(CHANGES, 0)])
        over = await repository.end_overdue(connection, clock.today())
        entries = [ended(case, telling.reference(case.department, case.person)) for case in over]
        await feeds.append(connection, CHANGES, entries)
    return len(over)
