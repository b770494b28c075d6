"""The worklist's paging cursor: the place reached in each list it is merged from, sealed. No date of anybody's may
stand in an address."""

import base64
import binascii
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from services.alerts.keys import NAMES
from services.alerts.worklist.rules import Place, Source
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, unseal
from shared.errors import Fault, Invalid, Text

NOT_A_CURSOR = Text("is not a cursor of this list", "不是本列表的游标")
EACH = 4 + 16


def write(ring: KeyRing, facility: str, places: Mapping[Source, Place]) -> str:
    """The cursor behind these places of this facility's lists; a list that is not named begins at its beginning."""
    none = bytes(EACH)
    key = b"".join(packed(places[source]) if source in places else none for source in Source)
    return base64.urlsafe_b64encode(seal(ring, NAMES, key, context(facility))).decode().rstrip("=")


def read(ring: KeyRing, facility: str, text: str) -> dict[Source, Place]:
    """The places a cursor names. Raises Invalid (422), for another facility's cursor too."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        key = unseal(ring, NAMES, sealed, context(facility))
    except (ValueError, binascii.Error, Unsealable):
        raise Invalid(faults=[Fault("query/after", NOT_A_CURSOR)]) from None
    each = (key[start : start + EACH] for start in range(0, len(key), EACH))
    return {
        source: (date.fromordinal(int.from_bytes(place[:4], "big")), UUID(bytes=place[4:]))
        for source, place in zip(Source, each, strict=True)
        if any(place)
    }


def packed(place: Place) -> bytes:
    """A place in twenty bytes."""
    day, row = place
    return day.toordinal().to_bytes(4, "big") + row.bytes


def context(facility: str) -> bytes:
    """Bind a cursor to a facility's list."""
    return b"worklist:" + facility.encode()
