"""A subscription's topic: its department's feed through the filter, as agreements allow at the moment of publishing."""

import asyncio
import time
from typing import Final

import structlog

from services.exchange.feeds.names import department_feed
from services.exchange.feeds.reading import DepartmentFeeds
from services.exchange.subscriptions.rules import wanted_of
from services.exchange.topics import repository
from services.exchange.topics.records import filtered, standing
from services.exchange.topics.repository import TopicWish
from shared.app import Service
from shared.db import transaction
from shared.feed.values import Cursor, Page
from shared.kafka.deleting import delete_records
from shared.kafka.producer import TopicProducer
from shared.kafka.relay import LOOK_SECONDS, RETRY_SECONDS, Holds, Relay, Source
from shared.kafka.settings import KafkaSettings
from shared.kafka.standing import StandingTopics
from shared.kafka.topics import Topic, last_record
from shared.kafka.values import Record

WISH_SECONDS: Final = 1.0  # so soon a change of the subscription is seen while there is nothing to publish

log = structlog.get_logger()


class SubscriptionRelay(Relay):
    """As the relay of a whole feed: the topic's last record says how far it is. What the filter passes over after it is
    remembered in this process only, and looked through again by the next one.

    `wish` is replaced whenever the subscription changes. Paused, it publishes nothing, but still deletes.
    """

    def __init__(
        self,
        service: Service,
        producer: TopicProducer,
        kafka: KafkaSettings,
        topic: str,
        feeds: DepartmentFeeds,
        wish: TopicWish,
        members: Holds,
    ) -> None:
        source, topics = Source(feeds, department_feed(wish.department)), StandingTopics(kafka, [Topic(topic)])
        super().__init__(service, producer, kafka, topic, source, topics, members=members)
        self.wish, self.followed, self.purged = wish, wish, 0
        self.passed: tuple[Cursor, Cursor] | None = None  # standing there, nothing is wanted up to here

    async def step(self) -> None:
        """Delete what must go, look how far the topic is, and publish what is wanted of the next page."""
        wish = self.wish
        if wish is not self.followed:
            self.followed, self.passed = wish, None
        here = self.members is None or self.members.holds(self.topic, self.source.partition)
        if here and wish.purge is not None and wish.purge > self.purged:
            await self.purge(wish, wish.purge)
        if not here or wish.state != "active":
            self.behind, self.problem, self.progress = 0, None, time.monotonic()
            await asyncio.sleep(RETRY_SECONDS)
            return
        last = await last_record(self.kafka, self.topic)
        stands = self.reached(None if self.from_beginning else last)
        page = await self.page(self.passed[1] if self.passed and self.passed[0] == stands else stands)
        wanted = wanted_of(page, wish.types, wish.areas)
        if wanted and await repository.wish_of(self.service.pool, wish.subscription_id) != wish:
            await asyncio.sleep(RETRY_SECONDS)  # paused, say, or deleted: what is wished now is about to be told
            return
        if wanted:
            self.form = filtered(wish, wanted, stands.position if stands.epoch == page.epoch else 0)
            first = await self.publish(page.epoch, wanted)
            self.from_beginning = last is not None and first <= last.offset
            stands = Cursor(page.epoch, wanted[-1].position)
        elif not page.entries:
            self.from_beginning = False
        if page.entries:
            self.passed = None if self.from_beginning else (stands, page.next_after)
            await self.note(wish, page)
        self.behind = page.head - page.next_after.position
        self.problem, self.progress = None, time.monotonic()
        if not page.entries:
            await self.rest(page)

    def reached(self, last: Record | None) -> Cursor:
        """How far the topic is, by its last record."""
        return standing(self.followed, last)

    async def note(self, wish: TopicWish, page: Page) -> None:
        """Show how far the topic is. Where the subscription was deleted meanwhile, what was published goes, too."""
        async with transaction(self.service.pool) as connection:
            if not await repository.reached(connection, wish, page.epoch, page.next_after.position):
                await repository.abandon(connection, self.topic)

    async def purge(self, wish: TopicWish, number: int) -> None:
        """Agreements took something away: the topic is begun anew, as it may be read now."""
        await delete_records(self.kafka, self.topic)
        async with self.service.pool.acquire() as connection:
            await repository.purged(connection, wish.subscription_id, number)
        self.purged, self.passed = number, None
        log.warning("kafka_topic_purged", topic=self.topic)

    async def rest(self, page: Page) -> None:
        """Wait for an entry, for a change of the subscription, or until the topic is looked at again."""
        until = time.monotonic() + LOOK_SECONDS
        while self.wish is self.followed and time.monotonic() < until:
            if await self.service.watch.wait(self.source.feed, self.source.partition, page.head, WISH_SECONDS):
                return
