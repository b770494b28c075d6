"""A feed → its topic, beside aiokafka's `send_batch` of the same records to the same broker."""

import gc
from collections.abc import Sequence
from itertools import count
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from benchmarks.world import Figure, bare_journal, encoded, events, median_rate, stopped
from deploy.kafka.broker import Broker
from services.exchange.feeds.names import department_feed
from shared.app import Service
from shared.crypto.keyring import KeyRing
from shared.db import transaction
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry
from shared.feed.watch import Watch
from shared.kafka.encode import BATCH_BYTES
from shared.kafka.feed_records import message_of
from shared.kafka.producer import TopicProducer
from shared.kafka.relay import Relay, Source
from shared.kafka.settings import KafkaSettings
from shared.kafka.standing import StandingTopics
from shared.kafka.topics import Topic, ensure_topics
from shared.kafka.values import Message
from shared.settings import Settings
from tests.line import Line

ENTRIES, REPEATS = 20_000, 3
FEED = department_feed("public-security")
SEEDS = count(90_000)


async def relaying(line: Line, broker: Broker) -> Figure:
    """Entries of a department's feed are opened and published in order, page by page, each page acknowledged before
    the next; the bare records are ready, and only encoded and sent."""
    pool = await bare_journal(line)
    settings = Settings(
        database_url=line.postgres.dsn("bench"),
        keys_file=line.layout.keys("exchange"),
        jwks_file=line.issuer.public_jwks_path,
    )
    ring = KeyRing.load(settings.keys_file)
    service = Service(settings, pool, ring, FeedLog(ring), Watch(pool))
    kafka = KafkaSettings(broker.bootstrap)
    made = [NewEntry(uuid4(), body) for body in encoded(events(ENTRIES, next(SEEDS)))]
    async with transaction(pool) as connection:
        await heads.ensure(connection, FEED)
        await service.feeds.append(connection, FEED, made)
        page = await service.feeds.read(connection, FEED, 0, None, ENTRIES)
    messages = [message_of(page.epoch, entry) for entry in page.entries]

    topics = [Topic(f"bench.{uuid4()}") for _ in range(2 * REPEATS + 1)]
    await ensure_topics(kafka, topics)

    async def product() -> int:
        return await relayed(service, kafka, topics.pop())

    async def limit() -> int:
        return await sent(kafka, messages, topics.pop())

    gc.freeze()
    gc.set_threshold(100_000, 20, 50)  # as the worker does
    with stopped(line, *line.running):
        await product()  # warm
        rate = await median_rate(product, REPEATS)
        bare = await median_rate(limit, REPEATS)
    await pool.close()
    return Figure("a department's feed → its topic", rate, "the same records by send_batch of aiokafka", bare, 0.2)


async def relayed(service: Service, kafka: KafkaSettings, topic: Topic) -> int:
    """Publish the whole feed to a new topic."""
    source = Source(service.feeds, FEED)
    async with TopicProducer(kafka) as producer:
        relay = Relay(service, producer, kafka, topic.name, source, StandingTopics(kafka, [topic]))
        relay.behind = ENTRIES
        while relay.behind:
            await relay.step()
    return ENTRIES


async def sent(kafka: KafkaSettings, messages: Sequence[Message], topic: Topic) -> int:
    """Send the records to a new topic; returns when all are acknowledged."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, acks="all", compression_type="lz4", max_batch_size=BATCH_BYTES
    )
    await producer.start()
    try:
        waiting, builder = [], producer.create_batch()
        for message in messages:
            given = {"key": None, "value": message.value, "timestamp": None, "headers": list(message.headers)}
            if builder.append(**given) is None:
                waiting.append(await producer.send_batch(builder, topic.name, partition=0))
                builder = producer.create_batch()
                builder.append(**given)
        waiting.append(await producer.send_batch(builder, topic.name, partition=0))
        for each in waiting:
            await each
    finally:
        await producer.stop()
    return len(messages)
