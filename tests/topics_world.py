"""An exchange beside a real broker, and the part of its worker that fills topics of subscriptions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from services.exchange.feeds.reading import department_feeds
from services.exchange.intake.kafka_members import Members
from services.exchange.topics.worker import SubscriptionTopics
from shared.kafka.consumer import TopicReader
from shared.kafka.feed_records import cursor_of
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import subscription_topic
from shared.kafka.values import Record
from tests.exchange_world import Exchange
from tests.line import until
from tests.webhooks_world import MINE, call

Json = dict[str, Any]


@dataclass
class TopicsWorld:
    """The exchange, its broker, and what works on topics."""

    exchange: Exchange
    kafka: KafkaSettings

    def topic(self, name: str) -> str:
        """The topic of a subscription."""
        return subscription_topic(MINE, name, self.exchange.settings.kafka_topics)

    async def put(self, name: str, **wish: Any) -> Json:
        """Subscribe with a topic; the answer."""
        answer = await call(self.exchange, "PUT", name, kind="kafka", **wish)
        assert answer.status_code in (200, 201), answer.text
        told: Json = answer.json()
        return told

    async def read(self, name: str, enough: Callable[[list[Record]], bool]) -> list[Record]:
        """The topic from its beginning, until `enough` says so."""
        records: list[Record] = []
        async with TopicReader(self.kafka, self.topic(name), {}) as reader:

            async def come() -> bool:
                batch = await reader.read_batch(timeout=0.2)
                if batch.rewound:
                    records.clear()
                records.extend(batch)
                return enough(records)

            await until(come, f"{self.topic(name)}: {len(records)} records", 40)
        return records

    async def holds(self, name: str, *positions: int) -> list[Record]:
        """Wait until the topic holds these positions, in this order and no others."""
        return await self.read(name, lambda records: standing(records) == list(positions))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[SubscriptionTopics]:
        """The worker's part, cancelled as on SIGTERM."""
        service = self.exchange.service
        async with TopicProducer(self.kafka) as producer:
            topics = SubscriptionTopics(
                service, producer, self.kafka, department_feeds(service), [MINE, "health"], Members(service.pool)
            )
            task = asyncio.create_task(topics.run())
            try:
                yield topics
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def standing(records: list[Record]) -> list[int]:
    """The positions of records, in the topic's order."""
    return [at.position for each in records if (at := cursor_of(each)) is not None]


def prefix() -> str:
    """What the topics of one test begin with."""
    return f"test-{uuid4().hex[:8]}"
