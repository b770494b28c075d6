"""Paging cursors of lists of tasks and offers: the place reached in each list that a page shows, sealed. No date of
anybody's may stand in an address."""

import base64
import binascii
from collections.abc import Collection, Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from services.alerts.keys import NAMES
from services.alerts.worklist.rules import Place
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, unseal
from shared.errors import Fault, Invalid, Text

NOT_A_CURSOR = Text("is not a cursor of this list", "不是本列表的游标")
EACH = 4 + 16

Name = TypeVar("Name")


def write(ring: KeyRing, page: str, lists: Collection[Name], places: Mapping[Name, Place]) -> str:
    """The cursor behind these places of a page's lists; a list that is not named begins at its beginning. `page`: what
    and whose it is, such as a worklist with its facility."""
    none = bytes(EACH)
    key = b"".join(packed(places[name]) if name in places else none for name in lists)
    return base64.urlsafe_b64encode(seal(ring, NAMES, key, page.encode())).decode().rstrip("=")


def read(ring: KeyRing, page: str, lists: Collection[Name], text: str) -> dict[Name, Place]:
    """The places a cursor names. Raises Invalid (422), for another facility's cursor too."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        key = unseal(ring, NAMES, sealed, page.encode())
    except (ValueError, binascii.Error, Unsealable):
        raise Invalid(faults=[Fault("query/after", NOT_A_CURSOR)]) from None
    each = (key[start : start + EACH] for start in range(0, len(key), EACH))
    return {
        name: (date.fromordinal(int.from_bytes(place[:4], "big")), UUID(bytes=place[4:]))
        for name, place in zip(lists, each, strict=True)
        if any(place)
    }


def packed(place: Place) -> bytes:
    """A place in twenty bytes."""
    day, row = place
    return day.toordinal().to_bytes(4, "big") + row.bytes
