"""The option to follow internal feeds through Kafka: which pages come from where, and publishing one's own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared.app import Service
from shared.feed.follow import Fetch
from shared.kafka.fetch import TopicFetch
from shared.kafka.producer import TopicProducer
from shared.kafka.relay import Relay, Source
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.settings import KafkaSettings
from shared.kafka.standing import StandingTopics
from shared.kafka.topics import Topic, internal_topic
from shared.kafka.watchdog import watch


@asynccontextmanager
async def fetching(service: Service, kafka: KafkaSettings | None, pull: Fetch) -> AsyncIterator[Fetch]:
    """How this service gets pages of another's feeds: over HTTP, or where it is set so through Kafka as well."""
    if kafka is None or not service.settings.kafka_internal_feeds:
        yield pull
        return
    fetch = TopicFetch(kafka, service.settings.kafka_topics, service.ring, pull)
    try:
        yield fetch
    finally:
        await fetch.close()


async def publish_feeds(service: Service, kafka: KafkaSettings | None, sources: Sequence[Source]) -> None:
    """Publish these feeds until cancelled, each partition in order; returns at once where Kafka is not for them."""
    if kafka is None or not service.settings.kafka_internal_feeds:
        return
    prefix, ring = service.settings.kafka_topics, service.ring
    partitions = Counter(source.feed for source in sources)
    standing = StandingTopics(kafka, [Topic(internal_topic(feed, prefix), count) for feed, count in partitions.items()])
    async with TopicProducer(kafka) as producer, asyncio.TaskGroup() as tasks:
        relays = [
            Relay(
                service,
                producer,
                kafka,
                internal_topic(source.feed, prefix),
                source,
                standing,
                Sealed(ring, KEYS[source.feed], source.feed, source.partition),
            )
            for source in sources
        ]
        for relay in relays:
            tasks.create_task(relay.run())
        tasks.create_task(watch(relays))
