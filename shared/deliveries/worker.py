"""Every subscription has a task of its own, so that a slow receiver slows nobody else.

Within it, two lanes: first tries, one after the other in the order of the feed; and, beside them, what is tried again.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from shared.db import finished
from shared.deliveries.handlers import Deliveries, Planning
from shared.deliveries.repository import Claimed
from shared.deliveries.rules import breath
from shared.feed.follow import PASSING

LOOK_SECONDS: Final = 1.0  # until something changed by the API, in another process, is noticed
KEEP_DAYS: Final = timedelta(days=30)  # how long successful deliveries are listed
FORGET_SECONDS: Final = 600.0
AGAIN_AT_ONCE: Final = 4  # tries of one subscription that go on beside each other

log = structlog.get_logger()


@dataclass(frozen=True)
class Work:
    """Set when something waits for a first try, or for another one."""

    first: asyncio.Event = field(default_factory=asyncio.Event)
    again: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Lanes:
    """A subscription's task, and how to wake it."""

    task: asyncio.Task[None]
    work: Work


class DeliveryWorker:
    """Delivers for whoever wants webhooks; any number of these may run."""

    def __init__(
        self, deliveries: Deliveries, lease: timedelta = timedelta(seconds=60), look: float = LOOK_SECONDS
    ) -> None:
        self.deliveries, self.lease, self.look = deliveries, lease, look
        self.pool, self.store = deliveries.service.pool, deliveries.store
        self.lanes: dict[UUID, Lanes] = {}

    async def run(self) -> None:
        """Until cancelled: a task for each subscription that has none, woken when there is something to do."""
        forgot = time.monotonic()
        try:
            while True:
                try:
                    for subscription, (first, again) in (await self.store.wanted(self.pool)).items():
                        self.wake(subscription, first, again)
                    if time.monotonic() - forgot > FORGET_SECONDS:
                        await self.store.forget(self.pool, KEEP_DAYS)
                        forgot = time.monotonic()
                except PASSING as trouble:
                    log.warning("deliveries_wait", trouble=type(trouble).__name__)
                for subscription in [each for each, lanes in self.lanes.items() if lanes.task.done()]:
                    del self.lanes[subscription]
                await asyncio.sleep(self.look)
        finally:
            tasks = [lanes.task for lanes in self.lanes.values()]
            for task in tasks:
                task.cancel()
            await finished(ended(tasks))

    def wake(self, subscription: UUID, first: bool, again: bool) -> None:
        """Tell a subscription's lanes that there is something to do; begin them where there are none."""
        lanes = self.lanes.get(subscription)
        if lanes is None or lanes.task.done():
            work = Work()
            lanes = self.lanes[subscription] = Lanes(asyncio.create_task(self.serve(subscription, work)), work)
        if first:
            lanes.work.first.set()
        if again:
            lanes.work.again.set()

    async def serve(self, subscription: UUID, work: Work) -> None:
        """Deliver for one subscription as long as its lease is ours. Trouble ends this one only; it is begun again."""
        try:
            if not await self.store.hold(self.pool, subscription, self.deliveries.worker, self.lease):
                return
            async with asyncio.TaskGroup() as lanes:
                again = [lanes.create_task(self.again(subscription, work.again)) for _ in range(AGAIN_AT_ONCE)]
                await self.first(subscription, work.first)
                for lane in again:
                    lane.cancel()
        except* PASSING as trouble:
            log.warning("subscription_waits", trouble=type(trouble.exceptions[0]).__name__)
        except* Exception as trouble:
            # One subscription's fault (a secret under a key that is gone, say) is no reason to stop the others.
            log.error("subscription_failed", subscription=str(subscription), fault=type(trouble.exceptions[0]).__name__)
        finally:
            await finished(self.let_go(subscription))

    async def first(self, subscription: UUID, work: asyncio.Event) -> None:
        """First tries in the order of the feed, until the lease is not ours any more."""
        every = self.lease.total_seconds() / 3
        renew, failures = 0.0, 0
        end: Planning | None = None  # where the feed ended when we looked
        while True:
            if time.monotonic() >= renew:
                renew = time.monotonic() + every
                if not await self.store.hold(self.pool, subscription, self.deliveries.worker, self.lease):
                    return
            if end is not None:
                # The watch hears of new entries at once; what else there is to do, the look at all of them finds.
                grown = await self.deliveries.service.watch.wait(end.feed, 0, end.position, min(self.look, every))
                if not grown and not work.is_set():
                    continue
                end = None
            work.clear()
            claimed = await self.claim(subscription, again=False)
            if claimed is not None:
                failures = 0 if await self.deliveries.attempt(subscription, claimed) else failures + 1
                await asyncio.sleep(min(breath(failures), every))
                continue
            planned = await self.deliveries.plan(subscription)
            if planned.what == "nothing":
                end = planned
            elif planned.what == "waiting":
                await asyncio.sleep(min(self.look, every))

    async def again(self, subscription: UUID, work: asyncio.Event) -> None:
        """What failed before, when its time has come; until cancelled."""
        while True:
            await work.wait()
            work.clear()
            while (claimed := await self.claim(subscription, again=True)) is not None:
                work.set()  # there may be more, for the lanes beside this one
                await self.deliveries.attempt(subscription, claimed)

    async def claim(self, subscription: UUID, *, again: bool) -> Claimed | None:
        """Claim the next delivery of a lane."""
        patience = self.deliveries.patience
        return await self.store.claim(self.pool, subscription, self.deliveries.worker, patience, again=again)

    async def let_go(self, subscription: UUID) -> None:
        """Give the lease back; a database that is away lets it run out."""
        try:
            await self.store.release(self.pool, subscription, self.deliveries.worker)
        except PASSING:
            log.warning("lease_runs_out", subscription=str(subscription))


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait until all have ended."""
    await asyncio.gather(*tasks, return_exceptions=True)
