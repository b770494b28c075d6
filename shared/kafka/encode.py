"""Messages as Kafka record batches (format version 2), and the choice of a partition by key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from shared.kafka.values import Message

# Below the 1 MiB that brokers accept unless told otherwise; a larger single message goes alone.
BATCH_BYTES: Final = 512 * 1024
FORMAT: Final = 2
NO_PRODUCER: Final = -1


@dataclass(frozen=True, slots=True)
class EncodedBatch:
    """`count` messages from index `first` on, ready for the wire."""

    first: int
    count: int
    content: bytes = field(repr=False)


def batches(messages: Sequence[Message]) -> Iterator[EncodedBatch]:
    """Cut the messages, in order, into batches of at most BATCH_BYTES before compression, or one message."""
    first = 0
    while first < len(messages):
        builder = DefaultRecordBatchBuilder(
            FORMAT, DefaultRecordBatch.CODEC_LZ4, False, NO_PRODUCER, NO_PRODUCER, NO_PRODUCER, BATCH_BYTES
        )
        count = 0
        for message in messages[first:]:
            added = builder.append(count, message.timestamp, message.key, message.value, list(message.headers))
            if added is None:  # the batch is full
                break
            count += 1
        yield EncodedBatch(first, count, bytes(builder.build()))
        first += count


def partition_of(key: bytes | None, partitions: Sequence[int]) -> int:
    """Murmur2 of the key, as every Kafka client chooses; without a key any partition."""
    return int(DefaultPartitioner()(key, list(partitions), list(partitions)))
