"""Whatever a topic of a feed between services lacks is named by its position, and nothing that is only on its way."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from deploy.kafka.broker import Broker
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.topics import Topic as Wanted
from shared.kafka.topics import delete_topic, ensure_topics
from shared.kafka.values import Message
from shared.reconciliation.kinds import RECORD_LOST, Finding
from shared.reconciliation.running import InFlight
from shared.reconciliation.topics import FeedTopic
from tests.followed_world import FEED, TopicLine
from tests.kafka_foreign import cut_beginning

pytest_plugins = ["tests.kafka", "tests.followed"]

ENTRIES = 12
Become = Callable[[TopicLine, Broker], Awaitable[None]]


def beside(line: TopicLine) -> FeedTopic:
    """The feed beside its topic."""
    form = Sealed(line.ring, KEYS[FEED], FEED, 0)
    return FeedTopic(line.source, line.kafka, line.topic, FEED, form=form)


async def filled(line: TopicLine, count: int = ENTRIES) -> None:
    """Entries are published, and from then on nobody publishes."""
    await line.append(count)
    await line.published()
    await line.stop_publishing()


async def looked(topic: FeedTopic) -> list[str]:
    """What is named now, without time in between."""
    found = await topic.look(again=0)
    assert {each.kind for each in found} <= {RECORD_LOST}
    return [each.place.removeprefix(topic.name + ": ") for each in found]


async def test_a_whole_topic_lacks_nothing_whatever_is_repeated(topic_line: TopicLine) -> None:
    await filled(topic_line)
    messages = await topic_line.messages()
    await topic_line.replace_topic([*messages[:6], *messages[3:]])
    assert await looked(beside(topic_line)) == []


async def emptied(line: TopicLine, broker: Broker) -> None:
    await cut_beginning(line.kafka, line.topic, ENTRIES)


async def wiped(line: TopicLine, broker: Broker) -> None:
    await asyncio.to_thread(broker.wipe)
    await asyncio.to_thread(broker.start)
    await ensure_topics(line.kafka, [Wanted(line.topic)])


async def without_its_beginning(line: TopicLine, broker: Broker) -> None:
    await cut_beginning(line.kafka, line.topic, 2)


async def without_its_end(line: TopicLine, broker: Broker) -> None:
    await line.replace_topic((await line.messages())[:-2])


async def with_a_hole(line: TopicLine, broker: Broker) -> None:
    messages = await line.messages()
    await line.replace_topic([*messages[:4], *messages[5:]])


async def longer_than_before_with_a_hole(line: TopicLine, broker: Broker) -> None:
    messages = await line.messages()
    await line.replace_topic([*messages[:4], *messages[5:], *messages[5:]])


async def with_another_record_in_a_place(line: TopicLine, broker: Broker) -> None:
    messages = await line.messages()
    moved = Message(messages[2].value, headers=messages[4].headers)
    await line.replace_topic([*messages[:4], moved, *messages[5:]])


@pytest.mark.parametrize(
    ("become", "named"),
    [
        (emptied, f"1-{ENTRIES}"),
        (wiped, f"1-{ENTRIES}"),
        (without_its_beginning, "1-2"),
        (without_its_end, f"{ENTRIES - 1}-{ENTRIES}"),
        (with_a_hole, "5"),
        (longer_than_before_with_a_hole, "5"),
        (with_another_record_in_a_place, "5"),
    ],
)
async def test_what_a_topic_lacks_is_named(
    topic_line: TopicLine, fragile_broker: Broker, become: Become, named: str
) -> None:
    await filled(topic_line)
    topic = beside(topic_line)
    assert await looked(topic) == []
    await become(topic_line, fragile_broker)
    assert await looked(topic) == [named], "by who has read the topic before"
    assert await looked(beside(topic_line)) == [named], "by who reads it for the first time"


async def test_only_what_came_since_is_read_again(topic_line: TopicLine) -> None:
    await filled(topic_line)
    topic = beside(topic_line)
    await looked(topic)
    asked: list[int] = []
    stored = topic.ids

    async def counted(connection, feed, partition, positions):  # type: ignore[no-untyped-def]
        asked.extend(positions)
        return await stored(connection, feed, partition, positions)

    topic.ids = counted
    topic_line.publish()
    await topic_line.append(3)
    await topic_line.published()
    assert await looked(topic) == []
    assert asked == [ENTRIES + 1, ENTRIES + 2, ENTRIES + 3]


async def test_a_topic_that_does_not_exist_or_a_broker_that_is_away_concludes_nothing(
    topic_line: TopicLine, fragile_broker: Broker
) -> None:
    await filled(topic_line)
    await delete_topic(topic_line.kafka, topic_line.topic)
    with pytest.raises(InFlight):
        await beside(topic_line).look(again=0)
    await asyncio.to_thread(fragile_broker.kill)
    with pytest.raises(InFlight):
        await beside(topic_line).look(again=0)


async def test_records_of_an_ended_epoch_do_not_count(topic_line: TopicLine) -> None:
    await filled(topic_line)
    await topic_line.source.execute("UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed = $1", FEED)
    topic = beside(topic_line)
    assert await topic.look(again=0) == [Finding(RECORD_LOST, f"{topic.name}: 1-{ENTRIES}")]
