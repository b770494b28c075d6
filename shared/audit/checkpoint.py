"""Signed checkpoints: one line that says how far a service's chain is, signed ES256 with a key of its own.

The private key is derived from the ring's key "audit" of that version, so that it lies where all other keys lie and
is rotated as they are. Only the public key is given out; it checks every checkpoint without any other secret.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.crypto.keyring import KeyRing, UnknownKey

KEY: Final = "audit"
LONGEST: Final = 4_096  # characters of a line
# The order of P-256 (FIPS 186-5); 512 bits taken modulo it are as good as evenly spread (its appendix A.2.1).
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Forged(Exception):
    """A line that is no checkpoint signed by one of the keys."""


class Checkpoint(BaseModel):
    """After seal `seal`, the chain of `service` has `rows` rows and this head (hexadecimal)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str
    seal: int
    rows: int
    head: str = Field(pattern="^[0-9a-f]{64}$")
    at: datetime


PublicKey = Callable[[str], ECKey | None]
"""The public key of a key id; None for one that is not known."""


def sign(ring: KeyRing, checkpoint: Checkpoint) -> str:
    """The checkpoint as one line: a compact JWS (RFC 7515)."""
    kid, key = ring.current(KEY)
    protected = {"alg": "ES256", "typ": "tenfold-checkpoint", "kid": kid}
    return jws.serialize_compact(protected, checkpoint.model_dump_json().encode(), _private(key), ["ES256"])


def read(line: str, public_key: PublicKey) -> Checkpoint:
    """Check a line and read it. Raises Forged."""
    if len(line) > LONGEST:
        raise Forged
    try:
        parts = jws.extract_compact(line.encode())
        header: Mapping[str, Any] = parts.headers()
        key = public_key(str(header.get("kid")))
        if key is None or header.get("typ") != "tenfold-checkpoint":
            raise Forged
        return Checkpoint.model_validate_json(jws.deserialize_compact(line, key, ["ES256"]).payload or b"")
    except (JoseError, ValidationError, ValueError):
        raise Forged from None


def keys_of(ring: KeyRing) -> PublicKey:
    """The public keys of a ring, of all its versions."""

    def public_key(kid: str) -> ECKey | None:
        try:
            return _private(ring.get(KEY, kid))
        except UnknownKey:
            return None

    return public_key


def keys_in(jwks: bytes) -> PublicKey:
    """The public keys of a JWKS document, as `public_jwks` gives it. Raises ValueError for anything else."""
    try:
        keys = {str(each["kid"]): ECKey.import_key(each) for each in json.loads(jwks)["keys"]}
    except (KeyError, TypeError, JoseError):
        raise ValueError("not a set of public keys") from None
    return keys.get


def public_jwks(ring: KeyRing) -> dict[str, Any]:
    """The public key in use now, for whoever checks checkpoints. Keep those of earlier versions beside it."""
    kid, key = ring.current(KEY)
    shown = _private(key).as_dict(private=False)
    return {"keys": [{**shown, "kid": kid, "use": "sig", "alg": "ES256"}]}


@lru_cache(maxsize=16)
def _private(key: bytes) -> ECKey:
    number = int.from_bytes(hmac.digest(key, b"tenfold audit es256 v1", hashlib.sha512), "big")
    private = ec.derive_private_key(number % (ORDER - 1) + 1, ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ECKey.import_key(pem)
