"""The keys of episodes, one file each, outside the database that they protect: who has the one alone reads nothing.

`<folder>/keys/ab/<episode>` holds a 32-byte key, sealed under the ring's `episode-wrap`; `<folder>/ledger` the erasure
ledger. Keys may be restored from a backup not older than 24 hours; the ledger never is (docs/operations.md).
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
import structlog

from services.alerts.episodes.ledger import Ledger, sync_folder
from services.alerts.keys import WRAP
from shared.crypto.keyfile import UnsafeKeyFile, read_private
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, seal_under, unseal, unseal_under

KEY_BYTES: Final = 32
log = structlog.get_logger()
UNREADABLE: Final = (Unsealable, msgspec.MsgspecError)  # a key or sealed bytes that are damaged, or of another version


class Erased(Exception):
    """The episode was erased: it gets no key again, and nothing of it can be sealed or opened."""


@contextmanager
def skipping(event: str) -> Iterator[None]:
    """Leave out what this block cannot open: who reads many does not fail for one. It ends early, silently, where the
    episode was erased a moment ago; where its key or what is sealed is damaged, the log tells by this event."""
    try:
        yield
    except Erased:
        pass
    except UNREADABLE as trouble:
        log.error(event, trouble=type(trouble).__name__)


@dataclass(frozen=True)
class Opened:
    """An episode whose key was read, once for all that is opened of it."""

    episode_id: UUID
    key: bytes = field(repr=False)

    def seal(self, plaintext: bytes, place: str) -> bytes:
        """Encrypt under the key, bound to a place such as "record"."""
        return seal_under(self.key, plaintext, context(self.episode_id, place))

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` gave. Raises Unsealable where it was not sealed for this place."""
        return unseal_under(self.key, sealed, context(self.episode_id, place))


class Vault:
    """The keys in one folder. A missing key means: erased, whoever asks."""

    def __init__(self, folder: Path, ring: KeyRing) -> None:
        self.keys, self.ring = folder / "keys", ring
        for each in (self.keys, folder / "ledger"):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ledger = Ledger(folder / "ledger", self.keys / "ledger-head.json")

    def create(self, episode_id: UUID) -> bytes:
        """Make a key, on disk when this returns; the one there is, where a try before made one. Raises Erased."""
        if episode_id in self.ledger:
            raise Erased
        path = self.path(episode_id)
        if (known := self.key(episode_id)) is not None:
            return known
        key = secrets.token_bytes(KEY_BYTES)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f".{episode_id}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(seal(self.ring, WRAP, key, context(episode_id)))
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # whole or not at all, and never over one that is there
        finally:
            draft.unlink()
        sync_folder(path.parent)
        sync_folder(self.keys)
        return key

    def key(self, episode_id: UUID) -> bytes | None:
        """The key; None where there is none, which is the same as erased. Raises Unsealable for one that is damaged, or
        that the service may not read."""
        try:
            return unseal(self.ring, WRAP, read_private(self.path(episode_id)), context(episode_id))
        except FileNotFoundError:
            return None
        except (OSError, UnsafeKeyFile) as trouble:
            raise Unsealable(type(trouble).__name__) from trouble
        except Unsealable:
            if episode_id in self.ledger:  # overwritten, and about to be removed
                return None
            raise

    def seal(self, episode_id: UUID, plaintext: bytes, place: str) -> bytes:
        """Encrypt under the episode's key, bound to a place such as "record". Raises Erased."""
        return self.opened(episode_id).seal(plaintext, place)

    def unseal(self, episode_id: UUID, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` gave. Raises Erased, or Unsealable where it was not sealed for this place."""
        return self.opened(episode_id).unseal(sealed, place)

    def opened(self, episode_id: UUID) -> Opened:
        """One episode with its key at hand. Raises Erased, or Unsealable as `key`."""
        if (key := self.key(episode_id)) is None:
            raise Erased
        return Opened(episode_id, key)

    def erase(self, episode_ids: Sequence[UUID], at: datetime) -> None:
        """Write the erasure down, then destroy the keys. Again is the same."""
        self.ledger.append(episode_ids, at)
        for each in episode_ids:
            self.destroy(each)

    def destroy(self, episode_id: UUID) -> None:
        """Overwrite and remove a key, if it is there; done on disk when this returns."""
        path = self.path(episode_id)
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            return
        sync_folder(path.parent)

    def path(self, episode_id: UUID) -> Path:
        """Where the key lies: 256 folders, so that none holds a whole city."""
        return self.keys / episode_id.hex[:2] / str(episode_id)


def context(episode_id: UUID, place: str = "key") -> bytes:
    """Bind sealed bytes to their episode and to their place in it."""
    return b"episode:" + episode_id.bytes + place.encode()
