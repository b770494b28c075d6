"""The clock ends agreements: readers see it at midnight by themselves, the registry and the topics are told here."""

import asyncio
from typing import Final

import structlog

from services.exchange.agreements.life import Life
from shared.feed.follow import PASSING

LOOK_SECONDS: Final = 2.0

log = structlog.get_logger()


async def expire(life: Life) -> None:
    """Look for agreements whose last day is over, until cancelled; a database that is away is asked again."""
    while True:
        try:
            if ended := await life.let_expire():
                log.warning("agreements_expired", count=ended)
        except PASSING as trouble:
            log.warning("agreements_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_SECONDS)
