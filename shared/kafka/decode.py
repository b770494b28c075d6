"""Record batches from the wire as records: aiokafka's decoder, and a forgiving one for what it cannot take.

Brokers check a batch's structure but not that header names are UTF-8. One such record must not block its partition.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint
from aiokafka.structs import TopicPartition

from shared.kafka.values import Headers, Record

READ_COMMITTED: Final = 1
CHECK_CRC: Final = True
HEADER_BYTES: Final = 61  # of a batch, format version 2, before its records
LENGTH_AT: Final = 8
PREFIX_BYTES: Final = 12  # base offset and length, which the length does not count


def decoded(topic: str, partition: int, raw: bytes, aborted: Any, offset: int) -> tuple[list[Record], int]:
    """The records from `offset` on, without those of aborted transactions, and the offset to fetch next.

    Raises aiokafka's CorruptRecordException when a checksum is wrong or nothing can be made of the bytes.
    """
    where = TopicPartition(topic, partition)

    def read(batches: Any) -> tuple[list[Record], int]:
        return _read(PartitionRecords(where, batches, aborted, offset, None, None, CHECK_CRC, READ_COMMITTED))

    try:
        return read(MemoryRecords(raw))
    except (CorruptRecordException, ValueError):
        pass
    try:
        return read(_ForgivingBatches(raw))
    except Exception as error:  # codecs raise classes of their own; none may end a reader
        raise CorruptRecordException from error


def _read(decoder: Any) -> tuple[list[Record], int]:
    records = [
        Record(found.partition, found.offset, found.timestamp, found.key, found.value, tuple(found.headers))
        for found in decoder
    ]
    return records, int(decoder.next_fetch_offset)


class _ForgivingBatches:
    """What PartitionRecords expects of MemoryRecords: whole batches, one after the other."""

    def __init__(self, raw: bytes) -> None:
        self._batches = list(_cut(raw))

    def has_next(self) -> bool:
        return bool(self._batches)

    def next_batch(self) -> Any:
        content = self._batches.pop(0)
        batch = DefaultRecordBatch(content)
        return batch if batch.is_control_batch else _ForgivingBatch(batch, content)


class _ForgivingBatch:
    """A batch that reads its records itself and is for the rest what aiokafka makes of it."""

    def __init__(self, batch: Any, content: bytes) -> None:
        self._batch = batch
        self._content = content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator["_Raw"]:
        unpack = {0: bytes, 1: gzip_decode, 2: snappy_decode, 3: lz4_decode, 4: zstd_decode}
        buffer = bytearray(unpack[self._batch.compression_type](self._content[HEADER_BYTES:]))
        position = 0
        while position < len(buffer):
            length, start = decode_varint(buffer, position)
            yield self._record(buffer, start)
            position = start + length

    def _record(self, buffer: bytearray, position: int) -> "_Raw":
        _, position = decode_varint(buffer, position)  # attributes, unused
        since, position = decode_varint(buffer, position)
        offset, position = decode_varint(buffer, position)
        key, position = _bytes(buffer, position)
        value, position = _bytes(buffer, position)
        count, position = decode_varint(buffer, position)
        headers = []
        for _ in range(count):
            name, position = _bytes(buffer, position)
            content, position = _bytes(buffer, position)
            headers.append(((name or b"").decode("utf-8", "replace"), content))
        by_broker = self._batch.timestamp_type == 1
        timestamp = self._batch.max_timestamp if by_broker else self._batch.first_timestamp + since
        return _Raw(self._batch.base_offset + offset, timestamp, key, value, tuple(headers))


@dataclass(frozen=True, slots=True, repr=False)
class _Raw:
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_type: None = None
    checksum: None = None


def _cut(raw: bytes) -> Iterator[bytes]:
    """Whole batches; the last one may be cut off and comes with the next fetch."""
    position = 0
    while position + HEADER_BYTES <= len(raw):
        (length,) = struct.unpack_from(">i", raw, position + LENGTH_AT)
        end = position + PREFIX_BYTES + length
        if end > len(raw):
            return
        yield raw[position:end]
        position = end


def _bytes(buffer: bytearray, position: int) -> tuple[bytes | None, int]:
    length, position = decode_varint(buffer, position)
    if length < 0:
        return None, position
    return bytes(buffer[position : position + length]), position + length
