"""What look-ups answer."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel


class PersonFound(BaseModel):
    """One person as the caller's agreements allow: fields given, fields withheld by name, on which agreements."""

    reference: str
    fields: dict[str, Any]
    withheld: list[str]
    basis: list[str]
    household: str | None = None
    valid_at: date | None = None
    known_at: datetime | None = None
