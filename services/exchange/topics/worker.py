"""Every subscription with a topic has a relay of its own, begun and ended within a second or two of the call."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from services.exchange.feeds.reading import DepartmentFeeds
from services.exchange.topics import repository
from services.exchange.topics.relay import SubscriptionRelay
from services.exchange.topics.repository import TopicWish
from shared.app import Service
from shared.db import finished
from shared.feed.follow import PASSING
from shared.kafka.errors import Unreachable
from shared.kafka.producer import TopicProducer
from shared.kafka.relay import Holds
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import delete_topic, subscription_topic

LOOK_SECONDS: Final = 1.0  # until something changed by the API, in another process, is noticed

log = structlog.get_logger()


@dataclass(frozen=True)
class Running:
    """A relay and its task."""

    relay: SubscriptionRelay
    task: asyncio.Task[None]


class SubscriptionTopics:
    """Keeps the topics of these departments' subscriptions; any number of processes may. `relays` are those at work."""

    def __init__(
        self,
        service: Service,
        producer: TopicProducer,
        kafka: KafkaSettings,
        feeds: DepartmentFeeds,
        departments: Sequence[str],
        members: Holds,
    ) -> None:
        self.service, self.producer, self.kafka, self.feeds = service, producer, kafka, feeds
        self.departments, self.members = departments, members
        self.running: dict[UUID, Running] = {}
        self.relays: list[SubscriptionRelay] = []

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except PASSING as trouble:
                    log.warning("subscription_topics_wait", trouble=type(trouble).__name__)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await finished(self.end(list(self.running)))

    async def look(self) -> None:
        """End what is wanted no more, tell and begin the others; then delete topics, when nobody here writes to them.

        A topic that waits to be deleted is begun only afterwards, whoever wants it again.
        """
        abandoned = await repository.abandoned(self.service.pool)
        found = await repository.wanted(self.service.pool, self.departments)
        wanted = {wish.subscription_id: wish for wish in found if self.topic(wish) not in abandoned}
        await self.end([each for each, at in self.running.items() if each not in wanted or at.task.done()])
        for wish in wanted.values():
            self.tell(wish)
        self.relays[:] = [at.relay for at in self.running.values()]
        for topic, since in abandoned.items():
            if self.members.holds(topic, 0):
                try:
                    await delete_topic(self.kafka, topic)
                except Unreachable as trouble:
                    log.warning("kafka_topic_not_deleted", topic=topic, trouble=str(trouble))
                    return  # one that does not answer is not asked about the others
                await repository.deleted(self.service.pool, topic, since)

    def topic(self, wish: TopicWish) -> str:
        """What a subscription's topic is called."""
        return subscription_topic(wish.department, wish.name, self.service.settings.kafka_topics)

    def tell(self, wish: TopicWish) -> None:
        """Let a relay do what is wished now; begin it where there is none."""
        running = self.running.get(wish.subscription_id)
        if running is not None:
            if running.relay.wish != wish:
                running.relay.wish = wish
            return
        topic, feeds = self.topic(wish), self.feeds
        relay = SubscriptionRelay(self.service, self.producer, self.kafka, topic, feeds, wish, self.members)
        self.running[wish.subscription_id] = Running(relay, asyncio.create_task(relay.run()))

    async def end(self, subscriptions: Sequence[UUID]) -> None:
        """End these relays. One that ended by itself met a fault of ours, which is no reason to stop the others."""
        ended = [self.running.pop(each) for each in subscriptions]
        for at in ended:
            at.task.cancel()
        said = await asyncio.gather(*(at.task for at in ended), return_exceptions=True)
        for at, fault in zip(ended, said, strict=True):
            if isinstance(fault, Exception):
                log.error("subscription_topic_failed", topic=at.relay.topic, fault=type(fault).__name__)
            await self.producer.leave(at.relay.topic)
