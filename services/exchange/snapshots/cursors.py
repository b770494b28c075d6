"""Where a snapshot goes on, and from which position of the feed it is followed: sealed, so that nobody makes one up."""

import base64
import binascii
from uuid import UUID

import msgspec

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, unseal
from shared.errors import Fault, Invalid, Text

KEY = "feed"


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Behind `reference`, in a snapshot whose first page stood at `epoch` and `position` of the feed."""

    epoch: UUID
    position: int
    reference: str


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Place).decode


def cursor_of(ring: KeyRing, department: str, place: Place) -> str:
    """The place as the department is given it."""
    return base64.urlsafe_b64encode(seal(ring, KEY, encode(place), context(department))).decode().rstrip("=")


def place_of(ring: KeyRing, department: str, cursor: str) -> Place:
    """The place behind a cursor of this department. Raises Invalid (422)."""
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return decode(unseal(ring, KEY, sealed, context(department)))
    except (binascii.Error, ValueError, Unsealable, msgspec.DecodeError):
        wrong = Text("must be `next_after` of a page of your snapshot", "必须是快照某一页给出的 next_after")
        raise Invalid(faults=[Fault("after", wrong)]) from None


def context(department: str) -> bytes:
    """Bind a cursor to its department."""
    return f"snapshot of {department}".encode()
