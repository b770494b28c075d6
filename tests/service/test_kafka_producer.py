"""Sending to a real broker: acknowledged, in order, bounded in time, and again after every fault."""

import asyncio
import os
import signal
import time

import pytest

from deploy.kafka.broker import Broker
from shared.kafka.consumer import TopicReader
from shared.kafka.errors import TopicMismatch, Undeliverable, Undelivered, Unreachable
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, ensure_topics, last_record
from shared.kafka.values import Message, Sent
from shared.kafka.wire import CLOSE_SECONDS
from tests.kafka_reading import PATIENCE_SECONDS, read_count

pytest_plugins = ["tests.kafka"]

SLACK_SECONDS = 2 * CLOSE_SECONDS


def numbered(first: int, last: int) -> list[Message]:
    """Messages as a relay sends them: the position in a header."""
    return [Message(b"entry %d" % n, headers=(("position", b"%d" % n),)) for n in range(first, last + 1)]


async def send_in_the_end(producer: TopicProducer, topic: str, messages: list[Message]) -> list[Sent]:
    """What every caller does: the same call again until it succeeds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await producer.send(topic, messages)
        except Undelivered:
            assert time.monotonic() < deadline, "the producer never recovered"


async def test_messages_arrive_in_order_with_key_headers_and_the_offsets_told(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    async with TopicProducer(kafka) as producer, TopicReader(kafka, topic, {}) as reader:
        sent = await producer.send(topic, numbered(1, 300))
        await producer.send(topic, [Message(b"last", key=b"k", headers=(("epoch", b"e1"), ("position", b"301")))])
        seen = await read_count(reader, 301)
    assert [place.offset for place in sent] == list(range(300))
    assert seen.values == [message.value for message in numbered(1, 300)] + [b"last"]
    assert (seen.records[-1].key, seen.records[-1].header("epoch")) == (b"k", b"e1")


async def test_the_last_record_tells_a_relay_where_to_go_on(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    assert await last_record(kafka, topic) is None
    async with TopicProducer(kafka) as producer:
        await producer.send(topic, numbered(1, 40))
    last = await last_record(kafka, topic)
    assert last is not None
    assert last.header("position") == b"40"


async def test_a_topic_that_does_not_exist_is_told_within_the_deadline(kafka: KafkaSettings, topic: str) -> None:
    began = time.monotonic()
    async with TopicProducer(kafka, deadline=1) as producer:
        with pytest.raises(Undelivered):
            await producer.send(topic, numbered(1, 1))
        assert time.monotonic() - began < 1 + SLACK_SECONDS
        await ensure_topics(kafka, [Topic(topic)])
        assert await send_in_the_end(producer, topic, numbered(1, 1)) == [Sent(0, 0)]


async def test_a_message_above_the_limit_is_undeliverable_and_the_next_one_goes_through(
    kafka: KafkaSettings, topic: str
) -> None:
    await ensure_topics(kafka, [Topic(topic, largest_message=10_000)])
    async with TopicProducer(kafka) as producer:
        with pytest.raises(Undeliverable) as refused:
            await producer.send(topic, [Message(os.urandom(50_000))])
        assert "50" not in str(refused.value)
        assert await producer.send(topic, numbered(1, 1)) == [Sent(0, 0)]


async def test_an_unknown_partition_is_undeliverable(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    async with TopicProducer(kafka) as producer:
        with pytest.raises(Undeliverable):
            await producer.send(topic, numbered(1, 1), partition=7)


async def test_callers_at_the_same_time_all_get_their_own_offsets(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    async with TopicProducer(kafka) as producer:
        answers = await asyncio.gather(*(producer.send(topic, numbered(n, n)) for n in range(50)))
    assert sorted(place.offset for [place] in answers) == list(range(50))


async def test_topics_can_be_ensured_again_but_not_in_another_shape(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic, partitions=2)])
    await ensure_topics(kafka, [Topic(topic, partitions=2)])
    with pytest.raises(TopicMismatch):
        await ensure_topics(kafka, [Topic(topic, partitions=3)])


async def test_a_producer_meets_a_broker_that_is_down_and_recovers_when_it_is_up(
    fragile_broker: Broker, topic: str
) -> None:
    settings = KafkaSettings(fragile_broker.bootstrap)
    await ensure_topics(settings, [Topic(topic)])
    async with TopicProducer(settings, deadline=1) as producer, TopicReader(settings, topic, {}) as reader:
        await producer.send(topic, numbered(1, 10))
        await asyncio.to_thread(fragile_broker.kill)
        began = time.monotonic()
        with pytest.raises(Undelivered):
            await producer.send(topic, numbered(11, 20))
        assert time.monotonic() - began < 1 + SLACK_SECONDS
        with pytest.raises(Unreachable):
            await last_record(settings, topic)
        await asyncio.to_thread(fragile_broker.start)
        await send_in_the_end(producer, topic, numbered(11, 20))
        seen = await read_count(reader, 20)
    assert seen.values == [message.value for message in numbered(1, 20)]


async def test_a_frozen_broker_holds_neither_a_send_nor_the_close(fragile_broker: Broker, topic: str) -> None:
    settings = KafkaSettings(fragile_broker.bootstrap)
    await ensure_topics(settings, [Topic(topic)])
    producer = TopicProducer(settings, deadline=1)
    await producer.send(topic, numbered(1, 1))
    os.kill(fragile_broker.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(Undelivered):
            await producer.send(topic, numbered(2, 2))
        await producer.close()
        assert time.monotonic() - began < 1 + 2 * SLACK_SECONDS
    finally:
        os.kill(fragile_broker.pid, signal.SIGCONT)
    await send_in_the_end(producer, topic, numbered(2, 2))
    await producer.close()


async def test_a_relay_that_asks_for_the_last_record_leaves_no_hole_over_a_crash(
    fragile_broker: Broker, topic: str
) -> None:
    settings = KafkaSettings(fragile_broker.bootstrap)
    await ensure_topics(settings, [Topic(topic)])
    total = 3000

    async def relay() -> None:
        reached = 0
        async with TopicProducer(settings, deadline=2) as producer:
            while reached < total:
                try:
                    last = await last_record(settings, topic)
                    reached = 0 if last is None else int(last.header("position") or b"0")
                    while reached < total:
                        await producer.send(topic, numbered(reached + 1, min(reached + 100, total)))
                        reached = min(reached + 100, total)
                except (Undelivered, Unreachable):
                    continue

    async with TopicReader(settings, topic, {}) as reader, asyncio.timeout(PATIENCE_SECONDS):
        task = asyncio.create_task(relay())
        await read_count(reader, 500)
        await asyncio.to_thread(fragile_broker.kill)
        await asyncio.to_thread(fragile_broker.start)
        await task
    async with TopicReader(settings, topic, {}) as again:
        seen = await read_count(again, total)
    reached = 0
    for record in seen.records:  # repeats may come, holes never
        position = int(record.header("position") or b"0")
        assert position <= reached + 1
        reached = max(reached, position)
    assert reached == total
