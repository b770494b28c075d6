"""The clock ends agreements: readers see it at midnight by themselves, the registry and the topics are told here.
Topics are begun anew some time after cases have ended, too."""

import asyncio
from typing import Final

import structlog

from services.exchange.agreements import repository
from services.exchange.agreements.life import Life
from shared.feed.follow import PASSING

LOOK_SECONDS: Final = 2.0

log = structlog.get_logger()


async def expire(life: Life) -> None:
    """Look for agreements whose last day is over, and for topics to be begun anew, until cancelled; a database that is
    away is asked again."""
    while True:
        try:
            if ended := await life.let_expire():
                log.warning("agreements_expired", count=ended)
            async with life.service.pool.acquire() as connection:
                await repository.ask_for_purges_due(connection, life.service.settings.ended_cases_seconds)
        except PASSING as trouble:
            log.warning("agreements_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_SECONDS)
