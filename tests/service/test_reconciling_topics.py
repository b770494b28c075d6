"""A record that is missing from a department's topic is named by its position."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from services.exchange.reconciliation.kafka import lost_positions
from shared.clock import now
from shared.feed.values import Entry
from shared.kafka.feed_records import message_of
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, ensure_topics
from tests.kafka_foreign import cut_beginning

pytest_plugins = ["tests.kafka"]
EPOCH = UUID(int=7)


async def publish(kafka: KafkaSettings, topic: str, positions: Sequence[int], epoch: UUID = EPOCH) -> None:
    await ensure_topics(kafka, [Topic(topic)])
    entries = [Entry(position, uuid4(), now(), b"{}") for position in positions]
    async with TopicProducer(kafka) as producer:
        await producer.send(topic, [message_of(epoch, entry) for entry in entries])


async def test_a_whole_topic_lacks_nothing_whatever_is_repeated(kafka: KafkaSettings, topic: str) -> None:
    await publish(kafka, topic, [1, 2, 3, 2, 3, 4])
    assert await lost_positions(kafka, topic, EPOCH) == set()


async def test_a_record_that_was_never_written_is_named(kafka: KafkaSettings, topic: str) -> None:
    await publish(kafka, topic, [1, 2, 4, 5])
    assert await lost_positions(kafka, topic, EPOCH) == {3}


async def test_a_beginning_that_was_deleted_is_named(kafka: KafkaSettings, topic: str) -> None:
    await publish(kafka, topic, [1, 2, 3, 4, 5])
    await cut_beginning(kafka, topic, 2)
    assert await lost_positions(kafka, topic, EPOCH) == {1, 2}


async def test_records_of_an_ended_epoch_do_not_count(kafka: KafkaSettings, topic: str) -> None:
    await publish(kafka, topic, [1, 2, 3], UUID(int=1))
    assert await lost_positions(kafka, topic, EPOCH) == set()
    await publish(kafka, topic, [1, 3])
    assert await lost_positions(kafka, topic, EPOCH) == {2}
