"""Each department's own reference for a person: `<kid>.<base64url of AES-SIV(department key, root id)>`.

Deterministic per department, so a department can join its own data; different per department, so two cannot join theirs
(protection.md, rule 7). Older key ids stay readable.
"""

import base64
import binascii
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from shared.crypto.keyring import KeyRing, UnknownKey
from shared.errors_tree import NotFound


class UnknownReference(NotFound):
    """No person can be read from this reference: damaged, another department's, or made elsewhere. Answered as 404."""


def key_name(department: str) -> str:
    """The name of a receiver's reference key in the ring."""
    return f"reference:{department}"


def mint(ring: KeyRing, department: str, root: UUID) -> str:
    """How `department` (or another receiver, such as "alerts") knows the person. Raises UnknownKey."""
    kid, key = ring.current(key_name(department))
    return f"{kid}.{_encode(_cipher(key).encrypt(root.bytes, [department.encode()]))}"


def read(ring: KeyRing, department: str, reference: str) -> UUID:
    """The root id behind a department's own reference. Raises UnknownReference, without telling why."""
    kid, _, text = reference.partition(".")
    try:
        sealed = base64.urlsafe_b64decode(text + "=")
        # 32 bytes leave two unused bits in 43 characters: only one spelling is a reference.
        if _encode(sealed) != text:
            raise UnknownReference
        key = ring.get(key_name(department), kid)
        return UUID(bytes=_cipher(key).decrypt(sealed, [department.encode()]))
    except (InvalidTag, UnknownKey, ValueError, binascii.Error):
        raise UnknownReference from None


def is_current(ring: KeyRing, department: str, reference: str) -> bool:
    """Whether the reference was made with the key in use now; if not, the receiver is due a `reference.changed`."""
    return reference.partition(".")[0] == ring.current(key_name(department))[0]


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESSIV:
    return AESSIV(key)
