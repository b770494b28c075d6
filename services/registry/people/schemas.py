"""Bodies of the look-ups."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.values import Identifier


class Search(BaseModel):
    """Whom to look for. The number stands in the body, never in an address."""

    model_config = ConfigDict(extra="forbid")

    identifier: Identifier


class PersonFound(BaseModel):
    """One person as the caller's agreements allow: fields given, fields withheld by name, on which agreements."""

    reference: str
    fields: dict[str, Any]
    withheld: list[str]
    basis: list[str]
    household: str | None = None
    valid_at: date | None = None
    known_at: datetime | None = None


class PeopleFound(BaseModel):
    """Everyone found whom the caller may see. Several people may hold one number; each is listed."""

    people: list[PersonFound]
