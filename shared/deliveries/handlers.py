"""Plan what a subscription wants of its feed, and try one delivery. Both may be repeated; neither loses anything."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol
from uuid import UUID, uuid4

import structlog

from shared import clock
from shared.app import Service
from shared.client import Answer, NotDelivered, Sender
from shared.db import Connection, transaction
from shared.deliveries.repository import Claimed, Planned, Store
from shared.deliveries.rules import RETRIES, next_try, outcome_of, retry_after_of
from shared.feed import parked
from shared.feed.values import Cursor, Entry, FeedReset, Page
from shared.subscriptions.secrets import opened
from shared.webhooks import signed_headers

PAGE = 500
PATIENCE = timedelta(seconds=60)  # a try ends within 20 s; who has not settled by then is dead

log = structlog.get_logger()


class Telling(Protocol):
    """What a service's webhooks are about: its feeds as they may be read now, what is wanted of them, what is said."""

    @property
    def alarms(self) -> bool:
        """Whether whoever runs the platform is told of each delivery that fails for good."""
        ...

    def feed(self, owner: str) -> str:
        """The name of an owner's feed."""
        ...

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read a feed as it may be told now; raises FeedReset or NotFound."""
        ...

    def wanted(self, page: Page, filters: Mapping[str, Sequence[str]]) -> list[Planned]:
        """The entries of a page that a subscription with these filters wants; of what is withheld nobody is told."""
        ...

    def webhook_id(self, claimed: Claimed) -> UUID:
        """What the receiver knows a delivery by: the same on every try and replay of it, and no other's."""
        ...

    def message(self, feed: str, claimed: Claimed, entry: Entry | None) -> bytes:
        """The body about one entry; None where the feed does not hold it any more."""
        ...


@dataclass(frozen=True)
class Planning:
    """What planning found.

    `waiting`: first tries are still open, or the subscription is not ours. `nothing`: the feed ends at `position`.
    """

    what: Literal["planned", "waiting", "nothing"]
    feed: str = ""
    position: int = 0


@dataclass(frozen=True)
class Deliveries:
    """The work of one process on all subscriptions of a service; `worker` is its name in leases."""

    service: Service
    store: Store
    telling: Telling
    sender: Sender
    retries: Sequence[float] = RETRIES
    patience: timedelta = PATIENCE
    worker: UUID = field(default_factory=uuid4)

    async def plan(self, subscription: UUID) -> Planning:
        """Read on in the feed and store what is wanted of it, in one transaction with the cursor."""
        async with transaction(self.service.pool) as connection:
            standing = await self.store.standing(connection, subscription, self.worker)
            if standing is None or standing.waiting:
                return Planning("waiting")
            feed, after = self.telling.feed(standing.owner), Cursor(standing.epoch, standing.position)
            page = await self.page(connection, feed, after)
            if not page.entries and page.epoch == standing.epoch:
                return Planning("nothing", feed, standing.position)
            await self.store.plan(
                connection,
                subscription,
                page.epoch,
                standing.round,
                page.next_after.position,
                self.telling.wanted(page, standing.filters),
            )
            return Planning("planned")

    async def page(self, connection: Connection, feed: str, after: Cursor) -> Page:
        """The entries after a cursor; of a new epoch from its beginning, where those that are known are skipped."""
        try:
            return await self.telling.read(connection, feed, 0, after, PAGE)
        except FeedReset:
            log.error("subscription_feed_reset", feed=feed)
            return await self.telling.read(connection, feed, 0, None, PAGE)

    async def attempt(self, subscription: UUID, claimed: Claimed) -> bool:
        """Send a claimed delivery once and store what came of it; whether it was taken.

        One of which nothing may be read any more is not sent: it ends withheld, and comes back when it may be read.
        """
        feed = self.telling.feed(claimed.owner)
        async with transaction(self.service.pool) as connection:
            entry = await self.entry(connection, feed, claimed)
            if entry is not None and entry.body is None:
                if await self.store.settle(connection, claimed, "withheld", timedelta(), "withheld", None):
                    await parked.settle(connection, claimed.origin, claimed.entry_id)
                return True
        message = self.telling.message(feed, claimed, entry)
        secrets = opened(self.service.ring, subscription, [claimed.secret, claimed.old_secret])
        headers = signed_headers(secrets, str(self.telling.webhook_id(claimed)), clock.now(), message)
        answer: Answer | None = None
        try:
            answer = await self.sender.deliver(claimed.url, {**headers, "content-type": "application/json"}, message)
            outcome: str = outcome_of(answer.status)
        except NotDelivered as trouble:
            outcome = trouble.why
        async with transaction(self.service.pool) as connection:
            await self.settle(connection, subscription, claimed, answer, outcome, message)
        return outcome == "delivered"

    async def entry(self, connection: Connection, feed: str, claimed: Claimed) -> Entry | None:
        """The entry as it may be read now. Positions outlive an epoch that an agreement ended; None where the feed was
        restored from before the entry: planning begins anew."""
        before = claimed.position - 1
        try:
            page = await self.telling.read(connection, feed, 0, Cursor(claimed.epoch, before), 1)
        except FeedReset as reset:
            now = Cursor(UUID(str(reset.extra["epoch"])), before)
            if now.epoch == claimed.epoch:
                return None
            page = await self.telling.read(connection, feed, 0, now, 1)
        return next((each for each in page.entries if each.entry_id == claimed.entry_id), None)

    async def settle(
        self,
        connection: Connection,
        subscription: UUID,
        claimed: Claimed,
        answer: Answer | None,
        outcome: str,
        message: bytes,
    ) -> None:
        """Store an outcome: delivered, to be tried again, parked with its alarm, or the receiver is gone."""
        status = None if answer is None else answer.status
        told = {"owner": claimed.owner, "subscription": claimed.name}
        if outcome == "delivered":
            if await self.store.settle(connection, claimed, "delivered", timedelta(), outcome, status):
                await parked.settle(connection, claimed.origin, claimed.entry_id)
            return
        if outcome == "gone":
            # The delivery stays due: when its owner resumes the subscription, it is tried at once.
            await self.store.disable(connection, subscription, claimed.url)
            await self.store.settle(connection, claimed, "due", timedelta(), outcome, status)
            log.error("subscription_disabled", **told)
            return
        asked = None if answer is None else retry_after_of(answer.retry_after, clock.now())
        after = next_try(claimed.tries, self.retries, random.random(), status, asked)
        state = "parked" if after.delay is None else "due"
        if after.quiet is not None:
            await self.store.keep_quiet(connection, subscription, after.quiet)
        ours = await self.store.settle(connection, claimed, state, after.delay or timedelta(), outcome, status)
        if ours and after.delay is None and self.telling.alarms:
            if not await parked.is_unsettled(connection, claimed.origin, claimed.entry_id):
                await parked.park(connection, self.service.ring, claimed.origin, claimed.entry_id, message, outcome)
            log.error("delivery_parked", **told, position=claimed.position, outcome=outcome, status=status)
