"""The worklist's paging cursor: the key of the last row, sealed. A birth date may not stand in an address."""

import base64
import binascii
from datetime import date
from uuid import UUID

from services.alerts.keys import NAMES
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, unseal
from shared.errors import Fault, Invalid, Text

NOT_A_CURSOR = Text("is not a cursor of this list", "不是本列表的游标")


def write(ring: KeyRing, facility: str, born_on: date, help_id: UUID) -> str:
    """The cursor after this row of this facility's list."""
    key = born_on.toordinal().to_bytes(4, "big") + help_id.bytes
    return base64.urlsafe_b64encode(seal(ring, NAMES, key, context(facility))).decode().rstrip("=")


def read(ring: KeyRing, facility: str, text: str) -> tuple[date, UUID]:
    """The key a cursor names. Raises Invalid (422), for another facility's cursor too."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        key = unseal(ring, NAMES, sealed, context(facility))
    except (ValueError, binascii.Error, Unsealable):
        raise Invalid(faults=[Fault("query/after", NOT_A_CURSOR)]) from None
    return date.fromordinal(int.from_bytes(key[:4], "big")), UUID(bytes=key[4:])


def context(facility: str) -> bytes:
    """Bind a cursor to a facility's list."""
    return b"worklist:" + facility.encode()
