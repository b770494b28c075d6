"""Whom an episode is about, without saying so: keyed names of people, and of numbers that nobody is known by yet."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.alerts.episodes.vault import Opened, Vault, skipping
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


def log_name(vault: Vault, episode_id: UUID) -> str:
    """What accesses to an episode are written down under: a name of its own, made from the episode's key. Another
    episode of the same person has another; once the key is destroyed nobody can tell whose it was. Raises Erased."""
    return name_of(vault.opened(episode_id))


def name_of(episode: Opened) -> str:
    """The same for one that is opened anyway."""
    return f"care:{hmac.digest(episode.key, b'log-name', hashlib.sha256).hex()}"


def log_names(vault: Vault, episode_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The same for several. Left out are those that were erased a moment ago, and those whose key cannot be opened, of
    which the log tells: whoever reads many does not fail for one, and nobody reads what cannot be written down."""
    found = {}
    for each in set(episode_ids):
        with skipping("episode_not_opened"):
            found[each] = log_name(vault, each)
    return found


def erased_name(episode_id: UUID) -> str:
    """What a withdrawal is written down under, and nothing else: whoever withdraws again is answered the same."""
    return f"episode:{episode_id}"


def keyed(ring: KeyRing, what: bytes, value: bytes) -> bytes:
    """32 bytes under the current key of `episode-person`."""
    _, key = ring.current(PERSON)
    return hmac.digest(key, what + b":" + value, hashlib.sha256)
