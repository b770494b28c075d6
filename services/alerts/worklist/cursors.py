"""The worklist's paging cursor: the key of the last row, opaque to callers. Pure."""

import base64
import binascii
from datetime import date
from uuid import UUID

from shared.errors import Fault, Invalid, Text

NOT_A_CURSOR = Text("is not a cursor of this list", "不是本列表的游标")


def write(born_on: date, help_id: UUID) -> str:
    """The cursor after this row."""
    return base64.urlsafe_b64encode(born_on.toordinal().to_bytes(4, "big") + help_id.bytes).decode().rstrip("=")


def read(text: str) -> tuple[date, UUID]:
    """The key a cursor names. Raises Invalid (422)."""
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return date.fromordinal(int.from_bytes(key[:4], "big")), UUID(bytes=key[4:])
    except (ValueError, OverflowError, binascii.Error):
        raise Invalid(faults=[Fault("query/after", NOT_A_CURSOR)]) from None
