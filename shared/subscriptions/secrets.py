"""Secrets of webhooks at rest: sealed under the ring's key `subscription`, bound to their subscription."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal

KEY: Final = "subscription"


def sealed(ring: KeyRing, subscription: UUID, secret: str) -> bytes:
    """A secret as the database keeps it."""
    return seal(ring, KEY, secret.encode(), subscription.bytes)


def opened(ring: KeyRing, subscription: UUID, kept: Sequence[bytes | None]) -> list[str]:
    """The secrets that are there, in order, to sign with. Raises Unsealable."""
    return [unseal(ring, KEY, each, subscription.bytes).decode() for each in kept if each is not None]
