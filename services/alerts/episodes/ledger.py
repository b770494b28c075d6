"""The erasure ledger: which episodes were erased, one JSON line each, chained by hash. It only ever grows.

It lies beside neither the database nor the keys that a backup of either brings back: a restored one is put right by it
(restoring.py). A line is on disk before the key goes, so that no crash leaves a key destroyed and the row to come back.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from shared.crypto.keyfile import locked, write_whole

FIRST: Final = "0" * 64  # what the first line names as the hash before it


class LedgerBroken(Exception):
    """The ledger is not what was written: a line changed, or lines that are known to have stood are gone."""


class Head(NamedTuple):
    """How many lines there are, and the hash of the last."""

    lines: int
    digest: str


class Ledger:
    """The ledger in one folder, for several processes at once. `anchor`: a file elsewhere that remembers the head, so
    that a ledger that was rolled back is noticed. Raises LedgerBroken wherever the file does not hold."""

    def __init__(self, folder: Path, anchor: Path) -> None:
        self.path, self.anchor = folder / "erasures.ledger", anchor
        self._erased: dict[UUID, None] = {}
        self._head, self._read_to = Head(0, FIRST), 0

    def __contains__(self, episode_id: UUID) -> bool:
        """Whether the episode was erased by now, by any process."""
        self.catch_up()
        return episode_id in self._erased

    def open(self) -> None:
        """Read all of it, and hold it against the anchor. Raises LedgerBroken where lines are gone."""
        with locked(self.path):
            self.catch_up()
            known = self._anchored()
            if known.lines > self._head.lines or known.digest != self._digest_at(known.lines):
                raise LedgerBroken("the ledger is shorter than it was, or another one")

    def ids(self, after: int = 0) -> list[UUID]:
        """The erased, in order, from the `after`th on."""
        self.catch_up()
        return list(self._erased)[after:]

    def append(self, episode_ids: Sequence[UUID], at: datetime) -> None:
        """Write down that these are erased; on disk when this returns. What stands there already is not repeated."""
        with locked(self.path):
            self.catch_up()
            fresh = [each for each in dict.fromkeys(episode_ids) if each not in self._erased]
            if not fresh:
                return
            lines, head = b"", self._head
            for each in fresh:
                told = {"n": head.lines + 1, "episode": str(each), "at": at.isoformat(), "before": head.digest}
                line = json.dumps(told, separators=(",", ":")).encode()
                lines, head = lines + line + b"\n", Head(head.lines + 1, digest(line))
            made = not self.path.exists()
            with self.path.open("r+b" if not made else "x+b") as file:
                file.truncate(self._read_to)  # half a line that a crash left: nobody was told that it is done
                file.seek(self._read_to)
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
            if made:
                self.path.chmod(0o600)
                sync_folder(self.path.parent)
            self.catch_up()
            write_whole(self.anchor, json.dumps(self._head._asdict()).encode())

    def catch_up(self) -> None:
        """Read what was appended since. Lines are whole once a newline ends them."""
        size = self.path.stat().st_size if self.path.exists() else 0
        if size < self._read_to:
            raise LedgerBroken("the ledger became shorter")
        if size == self._read_to:
            return
        with self.path.open("rb") as file:
            file.seek(self._read_to)
            lines = file.read().split(b"\n")[:-1]
        for line in lines:
            episode_id, self._head = read(line, self._head)
            self._erased[episode_id] = None
            self._read_to += len(line) + 1

    def _anchored(self) -> Head:
        if not self.anchor.exists():
            return Head(0, FIRST)
        try:
            return Head(**json.loads(self.anchor.read_bytes()))
        except (ValueError, TypeError):
            raise LedgerBroken("the remembered head cannot be read") from None

    def _digest_at(self, count: int) -> str:
        """The hash of the line of this number; none where there is no such line."""
        if count == self._head.lines:
            return self._head.digest
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == count:
                    return digest(line.rstrip(b"\n"))
        return FIRST


def read(line: bytes, before: Head) -> tuple[UUID, Head]:
    """One line and the head after it. Raises LedgerBroken where it does not follow the one before."""
    try:
        told = json.loads(line)
        follows = told["n"] == before.lines + 1 and told["before"] == before.digest
        episode_id = UUID(told["episode"])
    except (ValueError, KeyError, TypeError, AttributeError):
        follows, episode_id = False, UUID(int=0)
    if not follows:
        raise LedgerBroken(f"line {before.lines + 1} does not follow the one before")
    return episode_id, Head(before.lines + 1, digest(line))


def digest(line: bytes) -> str:
    """What the next line names as the one before."""
    return hashlib.sha256(line).hexdigest()


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
