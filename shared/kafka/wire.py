"""Plain fetch, offset and produce requests for one topic, below aiokafka's consumer and producer.

Its consumer prefetches, commits and resets by itself and hides from which moment's log a record came; its producer
works on in the background. Here every request is one call, over aiokafka's connections and with its encoding.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    NoError,
    OffsetOutOfRangeError,
    RecordListTooLargeError,
    for_code,
)
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.structs import TopicPartition

from shared.kafka.calls import whole
from shared.kafka.decode import READ_COMMITTED, decoded
from shared.kafka.errors import Unreachable
from shared.kafka.settings import REQUEST_SECONDS, KafkaSettings
from shared.kafka.values import Record

CONSUMER: Final = -1
ALL_IN_SYNC: Final = -1
HOPELESS: Final = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTopicError)
EARLIEST: Final = -2
LATEST: Final = -1
ANSWER_BYTES: Final = 16 * 1024 * 1024
CLOSE_SECONDS: Final = 2.0


class Refused(Exception):
    """The broker will never accept this batch."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One partition's part of one fetch response: all of it from one log at one moment.

    `next_offset` is where the following fetch starts (past transaction markers), `log_start` the first offset the
    log still has, `log_end` the offset after its last record that is safe to read.
    """

    records: list[Record]
    next_offset: int
    log_start: int
    log_end: int


class Wire:
    """A connection to the brokers for one topic, opened when first needed. After Unreachable call `drop`."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._client: Any = None

    async def partitions(self) -> list[int]:
        """The topic's partitions; raises Unreachable while the topic does not exist or has no leader."""
        client = await self._connected()
        found = client.cluster.partitions_for_topic(self._topic)
        if not found:
            raise Unreachable(f"topic {self._topic} does not exist, or may not be read")
        for partition in found:
            self._leader(client, partition)
        return sorted(found)

    async def earliest(self, partition: int) -> int:
        """The first offset that the log still has."""
        return await self._offset(partition, EARLIEST)

    async def latest(self, partition: int) -> int:
        """The offset after the last record that is safe to read."""
        return await self._offset(partition, LATEST)

    async def fetch(self, offsets: Mapping[int, int], wait: float, limit: int) -> dict[int, Fetched | None]:
        """Records from the given offset of each partition on; None where the log has no such offset.

        Returns when there is a record, at the latest after `wait` seconds. `limit` is in bytes for each partition, but
        the first batch of the first partition that has one comes whole, whatever its size: let partitions take turns.
        """
        client = await self._connected()
        by_leader: dict[int, list[tuple[int, int, int]]] = {}
        for partition, offset in offsets.items():
            by_leader.setdefault(self._leader(client, partition), []).append((partition, offset, limit))
        with _translated():
            answers = await asyncio.gather(
                *(whole(client.send(node, self._request(asked, wait))) for node, asked in by_leader.items())
            )
            parts = [part for answer in answers for _, parts in answer.topics for part in parts]
            return {part[0]: self._decoded(part, offsets[part[0]]) for part in parts}

    async def produce(self, partition: int, batch: bytes) -> int:
        """Append one encoded batch; return the offset of its first record once all in-sync replicas have it.

        Raises Refused when it never will be appended, Unreachable when it may have been or not.
        """
        client = await self._connected()
        topics = [(self._topic, [(partition, batch)])]
        request = ProduceRequest(None, ALL_IN_SYNC, int(REQUEST_SECONDS * 1000), topics)
        with _translated():
            answer = await whole(client.send(self._leader(client, partition), request))
            [(_, [(_, code, offset, *_)])] = answer.topics
            if for_code(code) in HOPELESS:
                raise Refused(for_code(code).__name__)
            _raise_for(code)
        return int(offset)

    async def drop(self) -> None:
        """Close the connections; the next request opens new ones from the bootstrap address."""
        client, self._client = self._client, None
        if client is not None:
            await _closed(client)

    async def _connected(self) -> Any:
        if self._client is None:
            client = AIOKafkaClient(**self._settings.connection())
            try:
                with _translated():
                    await whole(client.bootstrap())
                    await whole(client.set_topics([self._topic]))
            except BaseException:
                await _closed(client)
                raise
            self._client = client
        return self._client

    def _leader(self, client: Any, partition: int) -> int:
        leader = client.cluster.leader_for_partition(TopicPartition(self._topic, partition))
        if leader is None or leader < 0:
            raise Unreachable(f"partition {partition} of {self._topic} has no leader")
        return int(leader)

    def _request(self, asked: list[tuple[int, int, int]], wait: float) -> Any:
        return FetchRequest(int(wait * 1000), 1, ANSWER_BYTES, READ_COMMITTED, [(self._topic, asked)])

    def _decoded(self, part: Any, offset: int) -> Fetched | None:
        # Fetch response version 11: partition, error, high watermark, last stable offset, log start offset,
        # aborted transactions, preferred replica, records.
        partition, code, _, stable_end, log_start, aborted, _, raw = part
        if for_code(code) is OffsetOutOfRangeError:
            return None
        _raise_for(code)
        records, following = decoded(self._topic, partition, raw or b"", aborted, offset)
        return Fetched(records, following, log_start, stable_end)

    async def _offset(self, partition: int, moment: int) -> int:
        client = await self._connected()
        request = OffsetRequest(CONSUMER, READ_COMMITTED, [(self._topic, [(partition, moment)])])
        with _translated():
            answer = await whole(client.send(self._leader(client, partition), request))
            [(_, [(_, code, _, offset)])] = answer.topics
            _raise_for(code)
        return int(offset)


def _raise_for(code: int) -> None:
    error = for_code(code)
    if error is not NoError:
        raise error()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        # Only the kind of error: its text is aiokafka's, and not ours to vouch for.
        raise Unreachable(type(error).__name__) from error


async def _closed(client: Any) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await whole(client.close())
    except (KafkaError, OSError, TimeoutError):
        pass  # nothing left to save: the sockets are closed, only their farewell is missing
