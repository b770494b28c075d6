"""Standard Webhooks 1.0 (standardwebhooks.com): sign what is sent, verify what is received. For us and for receivers.

Signed is `id.timestamp.body`, the body byte for byte as it travels; HMAC-SHA256, base64, `v1,` before it. While a
secret is being exchanged the header lists one signature for each.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = range(24, 65)  # the standard's limits
TOLERANCE: Final = 300  # seconds between the sender's clock and ours
MOST_SIGNATURES: Final = 16  # a list that is longer is no honest sender's

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class BrokenSecret(ValueError):
    """This is no `whsec_` secret. Never quotes it."""


class Unverified(Exception):
    """A message that must not be believed; `reason` says why and quotes nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Verified:
    """The message's id, equal on every repeat: skip what you have handled; and when it was sent."""

    id: str
    sent_at: datetime


def new_secret() -> str:
    """A secret of 32 random bytes in the form both sides keep: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(keys: Sequence[str], message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message, signed with each of the secrets. Raises BrokenSecret."""
    timestamp = str(int(sent_at.timestamp()))
    return {
        ID: message_id,
        TIMESTAMP: timestamp,
        SIGNATURE: " ".join(f"v1,{signature(key, message_id, timestamp, body)}" for key in keys),
    }


def signature(key: str, message_id: str, timestamp: str, body: bytes) -> str:
    """One signature in base64. Raises BrokenSecret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key_of(key), signed, sha256)).decode()


def verify(
    keys: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime | None = None,
    tolerance: float = TOLERANCE,
) -> Verified:
    """Check a received message against every secret that is still good. Raises Unverified, or BrokenSecret for ours.

    `body` is the raw request body: JSON that was parsed and written again has another signature. An old or early
    timestamp is refused, so that a recorded message cannot be sent again later.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (given.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and timestamp and signatures):
        raise Unverified("a header is missing")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise Unverified("the timestamp is no number")
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(((now or datetime.now(UTC)) - sent_at).total_seconds()) > tolerance:
        raise Unverified("the timestamp is too far from now")
    expected = [f"v1,{signature(key, message_id, timestamp, body)}".encode() for key in keys]
    # Every pair is compared, in constant time: how long it takes tells nothing about which one fits.
    found = [
        hmac.compare_digest(one, each.encode())
        for each in signatures.split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]
        for one in expected
    ]
    if not any(found):
        raise Unverified("no signature fits")
    return Verified(message_id, sent_at)


def key_of(secret: str) -> bytes:
    """The bytes behind a secret. Raises BrokenSecret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BrokenSecret("not base64") from None
    if len(key) not in SECRET_BYTES:
        raise BrokenSecret("a secret has 24 to 64 bytes")
    return key
