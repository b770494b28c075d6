"""Encryption at rest: AES-256-GCM under a ring's key, bound to the place the bytes belong to.

Sealed form: 0x01, length of kid (1 byte), kid, nonce (12 bytes), ciphertext and tag (16 bytes). Overhead: 38 bytes.
Nonces are random: NIST SP 800-38D allows 2^32 of them per key, so rotate a name before it sealed four billion times.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.crypto.keyring import KeyRing, UnknownKey

_FORM = b"\x01"
_NONCE = 12


class Unsealable(Exception):
    """These bytes cannot be opened here: damaged, another context, or a key this ring does not hold. Says no more."""


def seal(ring: KeyRing, name: str, plaintext: bytes, context: bytes) -> bytes:
    """Encrypt under the current key of `name`; `context` (say b"journal:<receipt>") must be given again to unseal."""
    kid, key = ring.current(name)
    head = _FORM + bytes([len(kid)]) + kid.encode()
    nonce = os.urandom(_NONCE)
    return head + nonce + _cipher(key).encrypt(nonce, plaintext, head + context)


def sealer(ring: KeyRing, name: str, count: int) -> Callable[[bytes, bytes], bytes]:
    """As `seal`, for at most `count` (plaintext, context) in a row: the key is looked up and nonces are drawn once.
    Raises StopIteration beyond that: no nonce is used twice."""
    kid, key = ring.current(name)
    head = _FORM + bytes([len(kid)]) + kid.encode()
    encrypt = _cipher(key).encrypt
    drawn = os.urandom(_NONCE * count)
    nonces = (drawn[start : start + _NONCE] for start in range(0, len(drawn), _NONCE))

    def sealed(plaintext: bytes, context: bytes) -> bytes:
        nonce = next(nonces)
        return head + nonce + encrypt(nonce, plaintext, head + context)

    return sealed


def unseal(ring: KeyRing, name: str, sealed: bytes, context: bytes) -> bytes:
    """Decrypt what `seal` gave for the same name and context. Raises Unsealable."""
    if len(sealed) < 2 or sealed[:1] != _FORM:
        raise Unsealable
    end = 2 + sealed[1]
    head, nonce, body = sealed[:end], sealed[end : end + _NONCE], sealed[end + _NONCE :]
    try:
        key = ring.get(name, head[2:].decode("ascii"))
        return _cipher(key).decrypt(nonce, body, head + context)
    except (InvalidTag, UnknownKey, ValueError):
        raise Unsealable from None


def seal_under(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Encrypt under one 32-byte key that is not in a ring, such as an episode's own; nothing of it is kept."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def unseal_under(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Decrypt what `seal_under` gave. Raises Unsealable."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
    except (InvalidTag, ValueError):
        raise Unsealable from None


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    # A label of its own, so that a ring key used for another purpose by mistake never equals the AES key here.
    return AESGCM(hmac.digest(key, b"tenfold seal v1", hashlib.sha256))
