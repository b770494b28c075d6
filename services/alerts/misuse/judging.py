"""The judge: reads what the access log says of a day once its work is written down, and raises what the rules notice.
No read ever waits for it, and nothing of it is told or logged."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import structlog

from services.alerts.misuse import repository as sql
from services.alerts.misuse.limits import Limits, load
from services.alerts.misuse.rules import noticed
from shared import clock
from shared.db import Pool, transaction
from shared.feed.follow import PASSING

log = structlog.get_logger()
EVERY: Final = 60.0  # seconds
ONE: Final = timedelta(days=1)


@dataclass
class Judge:
    """Judges days that are over, one after the other. By the clock of the log, which is that of the database."""

    pool: Pool
    limits: Limits = field(default_factory=load)
    today: Callable[[], date] = clock.today

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            judged = False
            try:
                judged = await self.once()
            except PASSING as trouble:
                log.warning("judge_waits", trouble=type(trouble).__name__)
            await asyncio.sleep(0 if judged else EVERY)

    async def once(self) -> bool:
        """Judge the next day, whole or not at all; False where none is to be judged yet. What went before the first
        start is not judged. Reading is no part of the transaction that writes: who seals the log waits for whoever has
        begun to write."""
        newest = self.today() - (self.limits.waits + 1) * ONE
        async with self.pool.acquire() as connection:
            day = (await sql.judged(connection) or newest - ONE) + ONE
            if day > newest:
                return False
            opened = await sql.opened(connection, day, self.limits)
            listed = await sql.listed_at_night(connection, day, self.limits)
        async with transaction(self.pool) as connection:
            if await sql.move(connection, day):
                await sql.raise_(connection, day, noticed(opened, listed, self.limits.above), self.limits)
        return True
