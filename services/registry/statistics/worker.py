"""What the registry's worker does for statistics: adds up differences, and publishes each month once."""

import asyncio

import structlog

from services.registry.areas.handlers import Areas
from services.registry.statistics import repository as sql
from services.registry.statistics.following import follow_areas
from services.registry.statistics.recount import Recount
from services.registry.statistics.releases import Releases
from shared.db import AWAY, Pool, transaction

log = structlog.get_logger()
DIFFERENCES = 20_000  # added up in one transaction
LOOK_FOR_DIFFERENCES, LOOK_FOR_MONTHS = 10.0, 600.0  # seconds


async def totals(pool: Pool, areas: Areas, recount: Recount) -> None:
    """Add differences to the totals, now and then. Counts are right without it; reading them would only grow slower.

    A register that was folded before there were statistics is counted first, and counted anew for another list of
    areas; where that is interrupted, it is begun once more."""
    while True:
        added = 0
        try:
            if (moved := await follow_areas(pool, areas, recount)) is not None:
                log.info("areas_followed", people=moved)
            async with transaction(pool) as connection:
                added = await sql.add_up(connection, DIFFERENCES)
        except AWAY as trouble:
            log.warning("totals_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(0 if added == DIFFERENCES else LOOK_FOR_DIFFERENCES)


async def months(releases: Releases) -> None:
    """Publish the month before, once it is over."""
    while True:
        try:
            for period in await releases.publish_due():
                log.info("statistics_published", period=period)
        except AWAY as trouble:
            log.warning("statistics_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_FOR_MONTHS)
