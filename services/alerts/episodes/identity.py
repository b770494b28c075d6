"""Whom an episode is about, without saying so: keyed names of people, and of numbers that nobody is known by yet."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.alerts.keys import PERSON
from shared.crypto.blind import blind_index
from shared.crypto.keyring import KeyRing

CARE_INDEX: Final = "care-index"
NUMBER: Final = ("resident-identity-number", "")  # type and issuer, as the registry names them


def person_index(ring: KeyRing, reference: str) -> bytes:
    """What stands for a person in `episode.person_index`."""
    return keyed(ring, b"person", reference.encode())


def person_indexes(ring: KeyRing, references: Iterable[str]) -> list[bytes]:
    """The same for every name of a person (directory.names_of)."""
    return sorted(person_index(ring, each) for each in references)


def awaited(ring: KeyRing, index: bytes) -> bytes:
    """What stands in `episode.awaits` for an identifier's blind index, while that names nobody."""
    return keyed(ring, b"awaits", index)


def number_index(ring: KeyRing, number: str) -> bytes:
    """The blind index of a resident identity number, under the key that registry and alerts share."""
    return blind_index(ring, CARE_INDEX, *NUMBER, number)


def log_name(episode_id: UUID, index: bytes | None) -> str:
    """Whom an access to care is written down for. Once the episode is erased nobody reads from the log who it was, but
    she, by her own reference, still sees who looked; an episode that is linked to nobody stands under its own id."""
    return f"episode:{episode_id}" if index is None else f"care:{index.hex()}"


def keyed(ring: KeyRing, what: bytes, value: bytes) -> bytes:
    """32 bytes under the current key of `episode-person`."""
    _, key = ring.current(PERSON)
    return hmac.digest(key, what + b":" + value, hashlib.sha256)
