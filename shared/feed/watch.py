"""Waking long polls and streams: one task per process looks at the head rows, only while someone waits."""

import asyncio
from collections import defaultdict

import asyncpg
import structlog

from shared.db import AWAY, Pool

LOOK_EVERY = 0.02  # seconds; a waiting reader holds no connection, so a look is one small statement for all of them

HEADS = """
SELECT feed, partition, position FROM feed_head
 WHERE (feed, partition) IN (SELECT * FROM unnest($1::text[], $2::smallint[]))
"""

log = structlog.get_logger()
Key = tuple[str, int]


class Watch:
    """Readers that wait for a partition to grow past a position."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.waiting: dict[Key, set[tuple[int, asyncio.Future[bool]]]] = defaultdict(set)
        self.task: asyncio.Task[None] | None = None
        self.ended = False

    def end(self) -> None:
        """The process ends: nobody waits any more, so that every answer is given before it does."""
        self.ended = True
        for waiters in self.waiting.values():
            for _, woken in waiters:
                settle(woken, False)

    async def wait(self, feed: str, partition: int, beyond: int, seconds: float) -> bool:
        """Wait until the head passes `beyond`; False when the time is over first, or the process ends."""
        if self.ended:
            return False
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[bool] = loop.create_future()
        late = loop.call_later(seconds, settle, woken, False)
        key, waiter = (feed, partition), (beyond, woken)
        self.waiting[key].add(waiter)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.look())
        try:
            return await woken
        finally:
            late.cancel()
            self.waiting[key].discard(waiter)
            if not self.waiting[key]:
                del self.waiting[key]

    async def look(self) -> None:
        """Look at the heads until nobody waits; a database that is away is asked again."""
        while self.waiting:
            keys = list(self.waiting)
            try:
                rows = await self.pool.fetch(HEADS, [feed for feed, _ in keys], [partition for _, partition in keys])
            except (*AWAY, asyncpg.PostgresError):
                log.warning("feed_watch_database_away")
                await asyncio.sleep(1)
                continue
            for row in rows:
                for beyond, woken in self.waiting.get((row["feed"], row["partition"]), ()):
                    if row["position"] > beyond:
                        settle(woken, True)
            await asyncio.sleep(LOOK_EVERY)


def settle(woken: asyncio.Future[bool], grown: bool) -> None:
    """Wake a reader who was not woken before."""
    if not woken.done():
        woken.set_result(grown)
