"""Reading from a real broker whose topics are replaced, wiped, cut and restarted under the reader."""

import asyncio
import os
import random
import signal
import time
from functools import partial

import pytest

from deploy.kafka.broker import Broker
from shared.kafka.consumer import TopicReader
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import REQUEST_SECONDS, KafkaSettings
from shared.kafka.topics import Topic, delete_topic, ensure_topics
from shared.kafka.values import Message, Position
from tests.kafka_foreign import (
    abort_transaction,
    commit_transaction,
    cut_beginning,
    send_with_broken_header_name,
)
from tests.kafka_reading import PATIENCE_SECONDS, Seen, nothing_more, read_count, read_until

pytest_plugins = ["tests.kafka"]


def values(prefix: str, count: int) -> list[bytes]:
    return [f"{prefix} {number}".encode() for number in range(count)]


def ends_with(last: bytes, seen: Seen) -> bool:
    return seen.values[-1:] == [last]


async def fill(settings: KafkaSettings, topic: str, contents: list[bytes], partition: int = 0) -> None:
    async with TopicProducer(settings) as producer:
        await producer.send(topic, [Message(content) for content in contents], partition)


async def replace(settings: KafkaSettings, topic: str, contents: list[bytes], partitions: int = 1) -> None:
    """Delete the topic and create it again with other records."""
    await delete_topic(settings, topic)
    await ensure_topics(settings, [Topic(topic, partitions)])
    if contents:
        await fill(settings, topic, contents)


async def stored_position(settings: KafkaSettings, topic: str, count: int) -> dict[int, Position]:
    """What a caller has in its database after handling the first `count` records."""
    async with TopicReader(settings, topic, {}) as reader:
        seen: Seen = await read_count(reader, count)
    return {0: seen.records[count - 1].position}


async def test_everything_comes_once_and_in_order_and_then_only_what_is_new(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, values("early", 500))
    async with TopicReader(kafka, topic, {}) as reader:
        assert (await read_count(reader, 500)).values == values("early", 500)
        assert await nothing_more(reader)
        await fill(kafka, topic, values("late", 3))
        assert (await read_count(reader, 3)).values == values("late", 3)
        assert reader.behind == 0


async def test_a_batch_is_no_larger_than_asked_for_and_the_rest_follows(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, values("entry", 25))
    async with TopicReader(kafka, topic, {}) as reader:
        batches = [await reader.read_batch(max_records=10, timeout=PATIENCE_SECONDS) for _ in range(3)]
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [record.value for batch in batches for record in batch] == values("entry", 25)


async def test_a_new_reader_goes_on_after_the_stored_position(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, values("entry", 10))
    async with TopicReader(kafka, topic, await stored_position(kafka, topic, 7)) as reader:
        seen = await read_count(reader, 3)
        assert await nothing_more(reader)
    assert (seen.values, seen.rewound) == (values("entry", 10)[7:], 0)


async def test_a_batch_that_was_not_handled_comes_again_after_seek(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, values("entry", 10))
    async with TopicReader(kafka, topic, {}) as reader:
        handled = await reader.read_batch(max_records=4, timeout=PATIENCE_SECONDS)
        await reader.read_batch(max_records=4, timeout=PATIENCE_SECONDS)
        reader.seek(handled.positions())
        assert (await read_count(reader, 6)).values == values("entry", 10)[4:]


@pytest.mark.parametrize("length", [4, 5, 9], ids=["shorter", "as-long", "longer"])
async def test_a_topic_created_anew_is_read_from_its_beginning_by_a_new_reader(
    kafka: KafkaSettings, topic: str, length: int
) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, values("old", 5))
    stored = await stored_position(kafka, topic, 5)
    await replace(kafka, topic, values("new", length))
    async with TopicReader(kafka, topic, stored) as reader:
        seen = await read_count(reader, length)
        assert await nothing_more(reader)
    assert (seen.values, seen.rewound) == (values("new", length), 1)


@pytest.mark.parametrize("length", [0, 4, 5, 9], ids=["empty", "shorter", "as-long", "longer"])
async def test_a_topic_created_anew_is_read_from_its_beginning_by_a_running_reader(
    kafka: KafkaSettings, topic: str, length: int
) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, values("old", 5))
    async with TopicReader(kafka, topic, {}) as reader:
        await read_count(reader, 5)
        reading = asyncio.create_task(read_until(reader, lambda seen: len(seen.records) >= length and seen.rewound > 0))
        await replace(kafka, topic, values("new", length))
        seen = await reading
        await fill(kafka, topic, values("after", 2))
        assert (await read_count(reader, 2)).values == values("after", 2)
    assert (seen.values, seen.rewound) == (values("new", length), 1)


async def test_no_record_is_skipped_while_a_topic_is_created_anew_again_and_again(
    kafka: KafkaSettings, topic: str
) -> None:
    """Any length of any generation, in any moment: the reader always sees the whole of what stays."""
    chance = random.Random(20)
    await ensure_topics(kafka, [Topic(topic)])
    async with TopicReader(kafka, topic, {}) as reader:
        for generation in range(8):
            contents = values(f"generation {generation}", chance.randint(1, 40))
            reading = asyncio.create_task(read_until(reader, partial(ends_with, contents[-1])))
            await replace(kafka, topic, contents)
            seen = await reading
            assert [value for value in seen.values if value in contents] == contents


async def test_each_partition_is_recognised_by_itself(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic, partitions=3)])
    for partition in range(3):
        await fill(kafka, topic, values(f"old {partition}", 4), partition)
    async with TopicReader(kafka, topic, {}) as reader:
        seen = await read_count(reader, 12)
        assert {record.partition for record in seen.records} == {0, 1, 2}
        await replace(kafka, topic, [], partitions=3)
        await fill(kafka, topic, values("new", 9), 2)
        seen = await read_until(reader, lambda seen: len(seen.records) >= 9 and seen.rewound >= 3)
    assert (seen.values, seen.rewound) == (values("new", 9), 3)


async def test_a_record_over_every_fetch_limit_is_delivered_and_reading_goes_on(
    kafka: KafkaSettings, topic: str
) -> None:
    await ensure_topics(kafka, [Topic(topic, partitions=2, largest_message=20_000_000)])
    huge = os.urandom(6_000_000)
    contents = [b"before", huge, b"between", huge + b"!", b"after"]
    await fill(kafka, topic, contents, 0)
    await fill(kafka, topic, contents, 1)
    async with TopicReader(kafka, topic, {}) as reader:
        seen = await read_count(reader, 10)
        assert await nothing_more(reader)
    for partition in range(2):
        assert [record.value for record in seen.records if record.partition == partition] == contents


async def test_values_that_are_no_text_or_empty_come_as_they_are(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, [b"\xff\xfe", b"", b"{"])
    async with TopicReader(kafka, topic, {}) as reader:
        assert (await read_count(reader, 3)).values == [b"\xff\xfe", b"", b"{"]


@pytest.mark.parametrize("compression", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_a_header_name_that_is_no_text_does_not_block_its_partition(
    kafka: KafkaSettings, topic: str, compression: str | None
) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, [b"before"])
    await send_with_broken_header_name(kafka, topic, values("odd", 3), compression)
    await fill(kafka, topic, [b"after"])
    async with TopicReader(kafka, topic, {}) as reader:
        seen = await read_count(reader, 5)
        assert await nothing_more(reader)
    assert seen.values == [b"before", *values("odd", 3), b"after"]
    assert [record.offset for record in seen.records] == list(range(5))
    assert seen.records[1].headers == (("\ufffd\ufffd", b"content"), ("ce_id", None))


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
async def test_every_compression_a_department_may_choose_is_read(
    kafka: KafkaSettings, topic: str, compression: str
) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await commit_transaction(kafka, topic, values("packed", 20), compression)
    async with TopicReader(kafka, topic, {}) as reader:
        assert (await read_count(reader, 20)).values == values("packed", 20)


async def test_an_aborted_transaction_is_never_delivered_and_its_markers_stop_nothing(
    kafka: KafkaSettings, topic: str
) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await abort_transaction(kafka, topic, values("withdrawn", 3))
    await commit_transaction(kafka, topic, values("kept", 3), "gzip")
    await abort_transaction(kafka, topic, values("withdrawn again", 3))
    async with TopicReader(kafka, topic, {}) as reader:
        seen = await read_count(reader, 3)
        assert await nothing_more(reader)
        await fill(kafka, topic, [b"plain"])
        seen.records.extend((await read_count(reader, 1)).records)
    assert (seen.values, seen.rewound) == ([*values("kept", 3), b"plain"], 0)


async def test_records_that_the_broker_no_longer_keeps_do_not_stop_the_reader(kafka: KafkaSettings, topic: str) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    await fill(kafka, topic, values("old", 10))
    async with TopicReader(kafka, topic, {}) as reader:
        await read_count(reader, 10)
        await cut_beginning(kafka, topic, 10)
        await read_until(reader, lambda seen: seen.rewound == 1)
        assert await nothing_more(reader)
        await fill(kafka, topic, values("new", 2))
        assert (await read_count(reader, 2)).values == values("new", 2)


async def test_a_topic_that_comes_later_is_read_from_its_beginning(kafka: KafkaSettings, topic: str) -> None:
    async with TopicReader(kafka, topic, {}) as reader:
        assert len(await reader.read_batch(timeout=0.1)) == 0
        assert reader.problem is not None
        await ensure_topics(kafka, [Topic(topic)])
        await fill(kafka, topic, values("entry", 3))
        assert (await read_count(reader, 3)).values == values("entry", 3)
        assert reader.problem is None


async def test_a_broker_that_crashes_in_the_middle_costs_no_record_and_no_rewind(
    fragile_broker: Broker, topic: str
) -> None:
    settings = KafkaSettings(fragile_broker.bootstrap)
    await ensure_topics(settings, [Topic(topic)])
    await fill(settings, topic, values("entry", 300))
    async with TopicReader(settings, topic, {}) as reader:
        seen = Seen(list(await reader.read_batch(max_records=100, timeout=PATIENCE_SECONDS)))
        reader.seek({0: seen.records[-1].position})
        await asyncio.to_thread(fragile_broker.kill)
        stood = reader.last_progress
        assert len(await reader.read_batch(timeout=0.5)) == 0
        assert reader.problem is not None
        assert reader.last_progress == stood
        await asyncio.to_thread(fragile_broker.start)
        rest = await read_count(reader, 200)
        assert reader.last_progress > stood
    assert (seen.values + rest.values, rest.rewound) == (values("entry", 300), 0)


async def test_a_wiped_broker_is_read_from_the_beginning(fragile_broker: Broker, topic: str) -> None:
    settings = KafkaSettings(fragile_broker.bootstrap)
    await ensure_topics(settings, [Topic(topic)])
    await fill(settings, topic, values("old", 5))
    async with TopicReader(settings, topic, {}) as reader:
        await read_count(reader, 5)
        await asyncio.to_thread(fragile_broker.wipe)
        assert len(await reader.read_batch(timeout=0.1)) == 0
        await asyncio.to_thread(fragile_broker.start)
        await ensure_topics(settings, [Topic(topic)])
        await fill(settings, topic, values("new", 9))
        seen = await read_count(reader, 9)
    assert (seen.values, seen.rewound) == (values("new", 9), 1)


async def test_a_frozen_broker_holds_a_read_for_a_bounded_time_only(fragile_broker: Broker, topic: str) -> None:
    settings = KafkaSettings(fragile_broker.bootstrap)
    await ensure_topics(settings, [Topic(topic)])
    await fill(settings, topic, values("entry", 2))
    async with TopicReader(settings, topic, {}) as reader:
        await read_count(reader, 2)
        os.kill(fragile_broker.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            assert len(await reader.read_batch(timeout=0.2)) == 0
            assert time.monotonic() - began < REQUEST_SECONDS + 4
            assert reader.problem is not None
        finally:
            os.kill(fragile_broker.pid, signal.SIGCONT)
        await fill(settings, topic, [b"thawed"])
        assert (await read_count(reader, 1)).values == [b"thawed"]
