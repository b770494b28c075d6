"""The chain over the access log: rows into leaves, leaves into a root per seal, roots into one line of heads. Pure.

Trees are those of RFC 6962, 2.1 (SHA-256, leaf prefix 0x00, node prefix 0x01). A head depends on every row before it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

HASH_BYTES: Final = 32
BEGINNING: Final = b"\0" * HASH_BYTES
"""The head before the first seal."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One row of the access log, whole. `written_by`: the transaction (xid8) that wrote it; `at` is aware."""

    access_id: UUID
    at: datetime
    subject: str
    department: str | None
    service: str | None
    facility: str | None
    purpose: str
    action: str
    reference: str
    fields: tuple[str, ...]
    basis: str
    written_by: int

    @property
    def place(self) -> "Place":
        """Where it stands in the order of sealing."""
        return (self.written_by, self.access_id)


Place = tuple[int, UUID]
"""The order in which rows are sealed: by their transactions, then by their ids."""
FIRST: Final[Place] = (0, UUID(int=0))
"""Before every row."""


@dataclass(frozen=True)
class Leaf:
    """What a seal keeps of a row: its id, and the hash of everything in it."""

    access_id: UUID
    hash: bytes


@dataclass(frozen=True)
class Seal:
    """One page of rows, sealed: those behind the seal before it, up to and with `last`."""

    number: int
    last: Place
    leaves: tuple[Leaf, ...]
    root: bytes
    head: bytes


def encoded(row: Row) -> bytes:
    """The one spelling of a row as bytes: different rows never have the same."""
    texts = (row.subject, row.department, row.service, row.facility, row.purpose, row.action, row.reference, row.basis)
    since = row.at - EPOCH
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return b"".join(
        [
            b"\1",  # the version of this encoding
            row.access_id.bytes,
            microseconds.to_bytes(8, "big", signed=True),
            row.written_by.to_bytes(8, "big"),
            *(_text(text) for text in texts),
            len(row.fields).to_bytes(4, "big"),
            *(_text(name) for name in row.fields),
        ]
    )


def leaf(row: Row) -> Leaf:
    """The leaf of a row."""
    return Leaf(row.access_id, hashlib.sha256(b"\0" + encoded(row)).digest())


def root(hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over leaf hashes, as RFC 6962 defines it."""
    level = list(hashes)
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        above = [hashlib.sha256(b"\1" + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]  # an odd one rises as it is
    return level[0]


def sealed(before: bytes, number: int, rows: Sequence[Row]) -> Seal:
    """Seal rows, at least one, in their order. `before` is the head of the seal before this one."""
    leaves = tuple(leaf(row) for row in rows)
    last, top = rows[-1].place, root([each.hash for each in leaves])
    return Seal(number, last, leaves, top, head(before, number, last, len(leaves), top))


def head(before: bytes, number: int, last: Place, rows: int, top: bytes) -> bytes:
    """The head of a seal: what its checkpoint signs."""
    written_by, access_id = last
    numbers = b"".join(value.to_bytes(8, "big") for value in (number, written_by, rows))
    return hashlib.sha256(b"\2" + before + numbers + access_id.bytes + top).digest()


def packed(leaves: Sequence[Leaf]) -> bytes:
    """Leaves as they are stored."""
    return b"".join(each.access_id.bytes + each.hash for each in leaves)


def unpacked(stored: bytes) -> tuple[Leaf, ...]:
    """Stored leaves; what is left over at the end is no leaf."""
    size = 16 + HASH_BYTES
    cuts = range(0, len(stored) - size + 1, size)
    return tuple(Leaf(UUID(bytes=stored[n : n + 16]), stored[n + 16 : n + size]) for n in cuts)


def _text(text: str | None) -> bytes:
    if text is None:
        return b"\0"
    written = text.encode()
    return b"\1" + len(written).to_bytes(4, "big") + written
