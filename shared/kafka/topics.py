"""Topics: making sure that they exist, and what stands last in them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka.admin import NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from shared.kafka.administering import DEADLINE_SECONDS, administering
from shared.kafka.calls import whole
from shared.kafka.errors import TopicMismatch, Unreachable
from shared.kafka.settings import KafkaSettings
from shared.kafka.values import Record
from shared.kafka.wire import Wire

RETRY_SECONDS: Final = 0.1


def intake_topic(department: str, prefix: str = "tenfold") -> str:
    """Where a department produces what it reports."""
    return f"{prefix}.intake.{department}"


def internal_topic(feed: str, prefix: str = "tenfold") -> str:
    """Where one service's feed is published for another service, sealed."""
    return f"{prefix}.internal.{feed}"


def feed_topic(department: str, prefix: str = "tenfold") -> str:
    """Where a department reads its own feed."""
    return f"{prefix}.feed.{department}"


def subscription_topic(department: str, name: str, prefix: str = "tenfold") -> str:
    """Where a department reads its own feed through a subscription's filter. No department's name holds a dot."""
    return f"{feed_topic(department, prefix)}.{name}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that Tenfold relies on. Records are kept for ever unless `keep_seconds` says otherwise.

    `partitions` None means: one when it is created, and any number when it stands already.
    """

    name: str
    partitions: int | None = 1
    keep_seconds: int | None = None
    largest_message: int | None = field(default=None)

    def configuration(self) -> dict[str, str]:
        """Kafka's names and values. The broker stamps the time, so that no two logs have equal fingerprints."""
        kept = "-1" if self.keep_seconds is None else str(self.keep_seconds * 1000)
        told = {
            "cleanup.policy": "delete",
            "retention.ms": kept,
            "retention.bytes": "-1",
            "message.timestamp.type": "LogAppendTime",
        }
        if self.largest_message is not None:
            told["max.message.bytes"] = str(self.largest_message)
        return told


async def ensure_topics(settings: KafkaSettings, topics: Sequence[Topic]) -> None:
    """Create the topics that are missing and wait until they can be used.

    Raises Unreachable when that took longer than DEADLINE_SECONDS, TopicMismatch when one exists in another shape.
    """
    wanted = [
        NewTopic(topic.name, topic.partitions or 1, settings.replication, topic_configs=topic.configuration())
        for topic in topics
    ]
    async with administering(settings) as admin:
        answer = await whole(admin.create_topics(wanted))
        _check(answer.topic_errors, TopicAlreadyExistsError)
    counts = await asyncio.gather(*(_until_usable(settings, topic.name) for topic in topics))
    for topic, partitions in zip(topics, counts, strict=True):
        if topic.partitions is not None and len(partitions) != topic.partitions:
            raise TopicMismatch(f"topic {topic.name} has {len(partitions)} partitions, not {topic.partitions}")
    async with administering(settings) as admin:
        for name, policy in (await _cleanup_policies(admin, [topic.name for topic in topics])).items():
            if "compact" in policy:
                raise TopicMismatch(f"topic {name} is compacted: the last record read could vanish")


async def raise_partitions(settings: KafkaSettings, name: str, count: int) -> bool:
    """Give a topic that stands at least so many partitions; whether it had fewer. Raises Unreachable.

    Never fewer: a partition's records cannot move. Readers find new partitions by themselves.
    """
    if len(await _until_usable(settings, name)) >= count:
        return False
    async with administering(settings) as admin:
        answer = await whole(admin.create_partitions({name: NewPartitions(total_count=count)}))
        _check(answer.topic_errors, NoError)
    return True


async def delete_topic(settings: KafkaSettings, name: str) -> None:
    """Delete a topic with all its records; one that does not exist is no error. Raises Unreachable."""
    async with administering(settings) as admin:
        answer = await whole(admin.delete_topics([name]))
        _check(answer.topic_error_codes, UnknownTopicOrPartitionError)


async def last_record(settings: KafkaSettings, topic: str, partition: int = 0) -> Record | None:
    """The last record of a partition, or None when it has none. Raises Unreachable; asking again is right.

    A relay reads from its headers which epoch and position the topic has reached.
    """
    wire = Wire(settings, topic)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await wire.partitions()
            return await _last(wire, partition)
    except TimeoutError as error:
        raise Unreachable(f"no answer within {DEADLINE_SECONDS:.0f} s") from error
    finally:
        await wire.drop()


async def last_before(
    settings: KafkaSettings, topic: str, partition: int, before: Callable[[Record], bool]
) -> Record | None:
    """The last record that `before` says yes to, where it does so for a beginning of the log; found in few requests.

    Where the log is mixed up it may be any such record, or None: then a reader begins earlier than it need. Raises
    Unreachable.
    """
    wire = Wire(settings, topic)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await wire.partitions()
            return await _search(wire, partition, before)
    except TimeoutError as error:
        raise Unreachable(f"no answer within {DEADLINE_SECONDS:.0f} s") from error
    finally:
        await wire.drop()


async def _search(wire: Wire, partition: int, before: Callable[[Record], bool]) -> Record | None:
    low, high = await wire.earliest(partition), await wire.latest(partition)
    best: Record | None = None
    while low < high:
        middle = (low + high) // 2
        found = (await wire.fetch({partition: middle}, 0, 1))[partition]
        if found is None:
            return None  # the log was cut or replaced meanwhile
        passed = [record for record in found.records if record.offset < high and before(record)]
        if passed and found.records[0] is passed[0]:
            best = passed[-1]
            low = best.offset + 1
        else:
            high = middle
    return best


async def _last(wire: Wire, partition: int) -> Record | None:
    # Transaction markers take offsets too: step back over them until there is a record.
    offset, start = await wire.latest(partition) - 1, await wire.earliest(partition)
    while offset >= start:
        found = (await wire.fetch({partition: offset}, 0, 1))[partition]
        if found is not None and found.records:
            return found.records[-1]
        offset -= 1
    return None


async def _until_usable(settings: KafkaSettings, name: str) -> list[int]:
    deadline = time.monotonic() + DEADLINE_SECONDS
    wire = Wire(settings, name)
    try:
        while True:
            try:
                partitions = await wire.partitions()
                for partition in partitions:
                    await wire.latest(partition)  # named as leader, a broker may need a moment to become it
                return partitions
            except Unreachable:
                if time.monotonic() > deadline:
                    raise
                await wire.drop()
                await asyncio.sleep(RETRY_SECONDS)
    finally:
        await wire.drop()


async def _cleanup_policies(admin: Any, names: Sequence[str]) -> dict[str, str]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, {"cleanup.policy": None}) for name in names]
    return {
        str(name): str(entry[1])
        for answer in await whole(admin.describe_configs(asked))
        for _, _, _, name, entries in answer.resources
        for entry in entries
        if entry[0] == "cleanup.policy"
    }


def _check(errors: Sequence[Sequence[Any]], harmless: type[KafkaError]) -> None:
    for name, code, *_ in errors:
        error = for_code(code)
        if error not in (NoError, harmless):
            raise Unreachable(f"topic {name}: {error.__name__}")
