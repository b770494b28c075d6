"""What goes into a topic and comes out of it. Keys, values and headers hold personal data: no repr shows them."""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

Headers = tuple[tuple[str, bytes | None], ...]

FINGERPRINT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Position:
    """The last record handled of one partition: its offset, and its fingerprint, by which it is recognised.

    The offset alone says nothing once a topic has been re-created: offset 50 exists again, and is another record.
    """

    offset: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic, as raw bytes. `timestamp` is in milliseconds since 1970 UTC."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: Headers = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        """The first 16 bytes of SHA-256 over timestamp and value; a null value differs from an empty one."""
        content = b"\0" if self.value is None else b"\1" + self.value
        return hashlib.sha256(struct.pack(">q", self.timestamp) + content).digest()[:FINGERPRINT_BYTES]

    @property
    def position(self) -> Position:
        """What to store once this record has been handled."""
        return Position(self.offset, self.fingerprint)

    def header(self, name: str) -> bytes | None:
        """The last header of this name, as Kafka's own clients choose."""
        return next((value for found, value in reversed(self.headers) if found == name), None)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in the order of their partitions, and the partitions whose log was found to be another one.

    For a partition in `rewound` the stored position is worthless: its records come again from the beginning of the log.
    """

    records: Sequence[Record] = ()
    rewound: frozenset[int] = frozenset()

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def positions(self) -> dict[int, Position]:
        """The position to store for each partition once the entire batch has been handled."""
        last = {record.partition: record for record in self.records}
        return {partition: record.position for partition, record in last.items()}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to send. Without a timestamp (milliseconds) the broker's or the sender's clock stands."""

    value: bytes = field(repr=False)
    key: bytes | None = field(default=None, repr=False)
    headers: Headers = field(default=(), repr=False)
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message lies, acknowledged by every in-sync replica."""

    partition: int
    offset: int
