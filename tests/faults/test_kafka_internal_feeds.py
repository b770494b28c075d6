"""A feed between services through a topic: whatever becomes of the topic, its follower has all, once, in order."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from deploy.kafka.broker import Broker
from shared.crypto.keyring import KeyRing
from shared.feed.values import Cursor
from shared.kafka.feed_records import cursor_of
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.topics import delete_topic, last_before, last_record
from shared.kafka.values import Message, Record
from tests.followed_world import FEED, TopicLine

pytest_plugins = ["tests.kafka", "tests.followed"]

Become = Callable[[TopicLine, Broker], Awaitable[None]]


async def wiped(line: TopicLine, broker: Broker) -> None:
    await asyncio.to_thread(broker.wipe)
    await asyncio.to_thread(broker.start)


async def deleted(line: TopicLine, broker: Broker) -> None:
    await delete_topic(line.kafka, line.topic)


async def created_anew_and_longer(line: TopicLine, broker: Broker) -> None:
    await line.stop_publishing()
    messages = await line.messages()
    await line.replace_topic([*messages, *messages, *messages])


async def without_its_last_record(line: TopicLine, broker: Broker) -> None:
    await line.stop_publishing()
    await line.replace_topic((await line.messages())[:-1])


async def with_a_hole(line: TopicLine, broker: Broker) -> None:
    await line.stop_publishing()
    messages = await line.messages()
    await line.replace_topic([*messages[:9], *messages[11:]])


async def with_records_of_a_stranger(line: TopicLine, broker: Broker) -> None:
    await line.stop_publishing()
    messages = await line.messages()
    moved = Message(messages[2].value, headers=messages[9].headers)
    open_ = Message(
        b'{"id":"%s"}' % str(UUID(int=1)).encode(),
        headers=(*messages[10].headers[:2], ("content-type", b"application/cloudevents+json")),
    )
    await line.replace_topic([*messages[:9], moved, open_, *messages[9:]])


@pytest.mark.parametrize(
    "become",
    [wiped, deleted, created_anew_and_longer, without_its_last_record, with_a_hole, with_records_of_a_stranger],
)
async def test_a_follower_loses_nothing_and_handles_nothing_twice_when_the_topic_is(
    topic_line: TopicLine, fragile_broker: Broker, become: Become
) -> None:
    line = topic_line
    ids = await line.append(6)
    follower = line.follower()
    await line.drain(follower)
    ids += await line.append(8)
    await line.published()
    await become(line, fragile_broker)
    await line.drain(follower)
    await line.drain(line.follower())
    assert await line.effects() == ids


async def test_pages_come_by_the_topic_and_a_follower_that_starts_again_does_not_begin_at_its_beginning(
    topic_line: TopicLine,
) -> None:
    line = topic_line
    ids = await line.append(40)
    await line.published()
    await line.drain(line.follower(limit=10))
    assert line.fetched <= 8, "the first page, and looks at the head"
    ids += await line.append(10)
    await line.published()
    page = await line.fetch(FEED, 0, None, 30, 0)
    stands = Cursor.parse(page.next_after)

    def before(record: Record) -> bool:
        at = cursor_of(record)
        return at is not None and at.position <= stands.position

    found = cursor_of(await last_before(line.kafka, line.topic, 0, before))
    assert found == stands
    await line.drain(line.follower())
    assert await line.effects() == ids


async def test_what_lies_in_the_topic_is_sealed_for_its_place_and_opens_with_the_key_of_these_two_services_only(
    topic_line: TopicLine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = topic_line
    [entry_id] = await line.append(1)
    await line.published()
    record = await last_record(line.kafka, line.topic)
    assert record is not None
    assert record.value is not None
    assert record.key is None
    told = b"".join([record.value, *(value or b"" for _, value in record.headers)])
    assert str(entry_id).encode() not in told
    opened = Sealed(line.ring, KEYS[FEED], FEED, 0).read(record)
    assert opened is not None
    assert opened.entry is not None
    assert opened.entry.id == entry_id
    assert Sealed(line.ring, KEYS[FEED], FEED, 1).read(record) is None
    other = KeyRing.create(tmp_path_factory.mktemp("other") / "keys", [KEYS[FEED]])
    assert Sealed(other, KEYS[FEED], FEED, 0).read(record) is None
