"""A file in sealed pieces, read as if it lay on a disk. Nothing of it ever does."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal

PIECE = 1 << 20  # bytes, but for the last piece
KEY = "registry"


def sealed(ring: KeyRing, upload: UUID, number: int, piece: bytes) -> bytes:
    """A piece at rest, bound to its place in its file."""
    return seal(ring, KEY, piece, place(upload, number))


def opened(ring: KeyRing, upload: UUID, number: int, body: bytes) -> bytes:
    """A stored piece. Raises Unsealable."""
    return unseal(ring, KEY, body, place(upload, number))


def place(upload: UUID, number: int) -> bytes:
    """What a piece is bound to."""
    return b"upload" + upload.bytes + number.to_bytes(4, "big")


def sealed_mapping(ring: KeyRing, upload: UUID, text: str) -> bytes:
    """A mapping at rest: its constants may be about people."""
    return seal(ring, KEY, text.encode(), b"mapping" + upload.bytes)


def opened_mapping(ring: KeyRing, upload: UUID, body: bytes) -> str:
    """A stored mapping. Raises Unsealable."""
    return unseal(ring, KEY, body, b"mapping" + upload.bytes).decode()


class Pieces(io.RawIOBase):
    """Bytes that `fetch` gives by number of piece; the last piece read is kept."""

    def __init__(self, size: int, fetch: Callable[[int], bytes]) -> None:
        super().__init__()
        self.size, self.fetch = size, fetch
        self.at, self.kept = 0, (-1, b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """From anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As files do."""
        self.at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence])
        return self.at

    def tell(self) -> int:
        """Where reading goes on."""
        return self.at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # as BufferedReader gives it
        """What the piece at this place still holds, or as much as there is room for."""
        if self.at >= self.size:
            return 0
        number, start = divmod(self.at, PIECE)
        if self.kept[0] != number:
            self.kept = number, self.fetch(number)
        some = self.kept[1][start : start + len(buffer)]
        buffer[: len(some)] = some
        self.at += len(some)
        return len(some)


@dataclass(frozen=True)
class StoredFile:
    """An uploaded file, as imports read files (imports/reading.py)."""

    name: str
    suffix: str
    size: int
    fetch: Callable[[int], bytes]

    def open(self, mode: Literal["rb"]) -> io.BufferedReader:
        """From the beginning."""
        return io.BufferedReader(Pieces(self.size, self.fetch), PIECE)
