"""The key ring of one service: named keys, each with a current version and older ones that stay readable.

File format: {"version": 1, "keys": {name: {"current": kid, "kept": {kid: base64 of 64 bytes}}}}.
A running process keeps the ring it loaded: restart it after `rotate`.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.crypto.keyfile import locked, read_private, write_whole

KEY_BYTES = 64

# What is found, or kept in order, by digests under these: under a new key nothing of before would be, and nothing makes
# the digests anew yet.
NEVER_ROTATED = frozenset({"identity", "care-index", "partition", "episode-person"})


class UnknownKey(KeyError):
    """The ring has no key of this name, or no such version of it."""


class BrokenKeyRing(Exception):
    """The file is no key ring. Never carries file content."""


class NeverRotated(Exception):
    """What was indexed under the key of this name would not be found, or not stay in order, under a new one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not rotated: what was indexed under it would not be found under a new key")


class _Versions(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    current: str
    kept: dict[str, str]


class _RingFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    version: int = 1
    keys: dict[str, _Versions]


class KeyRing:
    """Keys by name and key id (kid). Key ids may be shown; keys never leave the ring's file and memory."""

    def __init__(self, current: dict[str, str], keys: dict[tuple[str, str], bytes]) -> None:
        self._current = current
        self._keys = keys

    def __repr__(self) -> str:
        return f"KeyRing({sorted(self._current)})"

    @property
    def names(self) -> frozenset[str]:
        """The names this ring has keys for."""
        return frozenset(self._current)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a ring; raises FileNotFoundError, UnsafeKeyFile or BrokenKeyRing."""
        return cls._from(_read(path))

    @classmethod
    def create(cls, path: Path, names: Iterable[str]) -> Self:
        """Load the ring at `path`, first adding a new key for every name it lacks; existing keys are never touched."""
        with locked(path):
            content = _read(path) if path.exists() else _RingFile(keys={})
            missing = sorted(set(names) - content.keys.keys())
            for name in missing:
                _add_version(content, name)
            if missing or not path.exists():
                _write(path, content)
        return cls._from(content)

    @classmethod
    def rotate(cls, path: Path, name: str) -> Self:
        """Give `name` a new current key; what older keys sealed stays readable. Raises UnknownKey, NeverRotated."""
        if name in NEVER_ROTATED:
            raise NeverRotated(name)
        with locked(path):
            content = _read(path)
            if name not in content.keys:
                raise UnknownKey(name)
            _add_version(content, name)
            _write(path, content)
        return cls._from(content)

    @classmethod
    def share(cls, giver: Path, receiver: Path, names: Iterable[str]) -> Self:
        """Copy all versions of the named keys into the receiver's ring (made if absent), replacing its own.

        For keys two services hold together, such as "care-index" (registry and alerts). Raises UnknownKey.
        """
        given = _read(giver)
        with locked(receiver):
            content = _read(receiver) if receiver.exists() else _RingFile(keys={})
            for name in names:
                if name not in given.keys:
                    raise UnknownKey(name)
                content.keys[name] = given.keys[name]
            _write(receiver, content)
        return cls._from(content)

    def current(self, name: str) -> tuple[str, bytes]:
        """The key new data is sealed with: (kid, 64 bytes). Raises UnknownKey."""
        kid = self._current.get(name)
        if kid is None:
            raise UnknownKey(name)
        return kid, self._keys[name, kid]

    def get(self, name: str, kid: str) -> bytes:
        """The key of this name and version, 64 bytes. Raises UnknownKey."""
        key = self._keys.get((name, kid))
        if key is None:
            raise UnknownKey(name)
        return key

    @classmethod
    def _from(cls, content: _RingFile) -> Self:
        keys: dict[tuple[str, str], bytes] = {}
        for name, versions in content.keys.items():
            if versions.current not in versions.kept:
                raise BrokenKeyRing("a name has no current key")
            for kid, text in versions.kept.items():
                try:
                    keys[name, kid] = base64.b64decode(text, validate=True)
                except binascii.Error:
                    raise BrokenKeyRing("a key is not base64") from None
                if len(keys[name, kid]) != KEY_BYTES:
                    raise BrokenKeyRing("a key has the wrong length")
        return cls({name: versions.current for name, versions in content.keys.items()}, keys)


def _add_version(content: _RingFile, name: str) -> None:
    kept = content.keys[name].kept if name in content.keys else {}
    kid = secrets.token_hex(4)
    while kid in kept:
        kid = secrets.token_hex(4)
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    content.keys[name] = _Versions(current=kid, kept={**kept, kid: key})


def _read(path: Path) -> _RingFile:
    try:
        return _RingFile.model_validate_json(read_private(path))
    except ValidationError:
        # pydantic's message quotes the input, which here is key material.
        raise BrokenKeyRing("not a key ring file") from None


def _write(path: Path, content: _RingFile) -> None:
    write_whole(path, (json.dumps(content.model_dump(), indent=1, sort_keys=True) + "\n").encode())
