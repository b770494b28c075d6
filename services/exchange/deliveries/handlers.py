"""Plan what a subscription wants of its feed, and try one delivery. Both may be repeated; neither loses anything."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Literal
from uuid import UUID, uuid4

import structlog

from services.exchange.deliveries import repository
from services.exchange.deliveries.message import entry_message
from services.exchange.deliveries.repository import Claimed, Planned
from services.exchange.deliveries.rules import RETRIES, next_try, outcome_of, retry_after_of
from services.exchange.feeds.names import department_feed
from services.exchange.feeds.reading import DepartmentFeeds, department_feeds
from services.exchange.subscriptions.rules import told_in, wants
from services.exchange.subscriptions.secrets import opened
from shared import clock
from shared.app import Service
from shared.client import Answer, NotDelivered, Sender
from shared.db import Connection, transaction
from shared.feed import parked
from shared.feed.values import Cursor, FeedReset, Page
from shared.webhooks import signed_headers

PAGE = 500
PATIENCE = timedelta(seconds=60)  # a try ends within 20 s; who has not settled by then is dead

log = structlog.get_logger()


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
    """The work of one process on all subscriptions; `worker` is its name in leases."""

    service: Service
    sender: Sender
    retries: Sequence[float] = RETRIES
    patience: timedelta = PATIENCE
    worker: UUID = field(default_factory=uuid4)

    @cached_property
    def feeds(self) -> DepartmentFeeds:
        """What may be read now."""
        return department_feeds(self.service)

    async def plan(self, subscription: UUID) -> Planning:
        """Read on in the feed and store what is wanted of it, in one transaction with the cursor."""
        async with transaction(self.service.pool) as connection:
            standing = await repository.standing(connection, subscription, self.worker)
            if standing is None or standing.waiting:
                return Planning("waiting")
            feed, after = department_feed(standing.department), Cursor(standing.epoch, standing.position)
            page = await self.page(connection, feed, after)
            if not page.entries and page.epoch == standing.epoch:
                return Planning("nothing", feed, standing.position)
            await repository.plan(
                connection,
                subscription,
                page.epoch,
                standing.round,
                page.next_after.position,
                list(wanted_of(page, standing.types, standing.areas)),
            )
            return Planning("planned")

    async def page(self, connection: Connection, feed: str, after: Cursor) -> Page:
        """The entries after a cursor; of a new epoch from its beginning, where those that are known are skipped."""
        try:
            return await self.feeds.read(connection, feed, 0, after, PAGE)
        except FeedReset:
            log.error("subscription_feed_reset", feed=feed, position=after.position)
            return await self.feeds.read(connection, feed, 0, None, PAGE)

    async def attempt(self, subscription: UUID, claimed: Claimed) -> bool:
        """Send a claimed delivery once and store what came of it; whether it was taken.

        One of which nothing may be read any more is not sent: it ends withheld, and comes back when it may be read.
        """
        feed = department_feed(claimed.department)
        async with transaction(self.service.pool) as connection:
            if await self.withheld(connection, feed, claimed):
                if await repository.settle(connection, claimed, "withheld", timedelta(), "withheld", None):
                    await parked.settle(connection, claimed.origin, claimed.entry_id)
                return True
        message = entry_message(feed, claimed.entry_id, claimed.type, claimed.told_at, claimed.epoch, claimed.position)
        secrets = opened(self.service.ring, subscription, [claimed.secret, claimed.old_secret])
        headers = signed_headers(secrets, str(claimed.entry_id), clock.now(), message)
        answer: Answer | None = None
        try:
            answer = await self.sender.deliver(claimed.url, {**headers, "content-type": "application/json"}, message)
            outcome: str = outcome_of(answer.status)
        except NotDelivered as trouble:
            outcome = trouble.why
        async with transaction(self.service.pool) as connection:
            await self.settle(connection, subscription, claimed, answer, outcome, message)
        return outcome == "delivered"

    async def withheld(self, connection: Connection, feed: str, claimed: Claimed) -> bool:
        """Whether the entry may not be read as agreements stand now. Positions outlive an epoch that one ended."""
        before = claimed.position - 1
        try:
            page = await self.feeds.read(connection, feed, 0, Cursor(claimed.epoch, before), 1)
        except FeedReset as reset:
            now = Cursor(UUID(str(reset.extra["epoch"])), before)
            if now.epoch == claimed.epoch:
                return False  # restored from before this entry: planning begins anew
            page = await self.feeds.read(connection, feed, 0, now, 1)
        return any(each.entry_id == claimed.entry_id and each.body is None for each in page.entries)

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
        told = {"department": claimed.department, "subscription": claimed.name, "position": claimed.position}
        if outcome == "delivered":
            if await repository.settle(connection, claimed, "delivered", timedelta(), outcome, status):
                await parked.settle(connection, claimed.origin, claimed.entry_id)
            return
        if outcome == "gone":
            # The delivery stays due: when the department resumes the subscription, it is tried at once.
            await repository.disable(connection, subscription, claimed.url)
            await repository.settle(connection, claimed, "due", timedelta(), outcome, status)
            log.error("subscription_disabled", **told)
            return
        asked = None if answer is None else retry_after_of(answer.retry_after, clock.now())
        after = next_try(claimed.tries, self.retries, random.random(), status, asked)
        state = "parked" if after.delay is None else "due"
        if after.quiet is not None:
            await repository.keep_quiet(connection, subscription, after.quiet)
        ours = await repository.settle(connection, claimed, state, after.delay or timedelta(), outcome, status)
        if ours and after.delay is None:
            if not await parked.is_unsettled(connection, claimed.origin, claimed.entry_id):
                await parked.park(connection, self.service.ring, claimed.origin, claimed.entry_id, message, outcome)
            log.error("delivery_parked", **told, outcome=outcome, status=status)


def wanted_of(page: Page, types: Sequence[str], areas: Sequence[str]) -> list[Planned]:
    """The entries of a page that a subscription wants; a withheld one is nobody's business any more."""
    found = []
    for entry in page.entries:
        if entry.body is None:
            continue
        told = told_in(entry.body)
        if wants(types, areas, told):
            found.append(Planned(entry.entry_id, entry.position, told.type, entry.recorded_at))
    return found
