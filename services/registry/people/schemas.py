"""What look-ups answer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

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


class ChangeShown(BaseModel):
    """A field has this value from the step's day on. `said_by`: the departments on whose report it rests.
    `known_since`: when the registry knew; `known_until`: when it turned out otherwise, null where it still counts."""

    field: str
    value: Any
    said_by: list[str]
    known_since: datetime
    known_until: datetime | None


class Step(BaseModel):
    """What changed on a day, in the fields that the caller may see."""

    on: date
    changes: list[ChangeShown]


class Timeline(BaseModel):
    """A person's history on both time axes, the first day first. States that the caller could not have looked up are
    not in it."""

    reference: str
    steps: list[Step]
    withheld: list[str]
    basis: list[str]
    valid_at: date | None
    known_at: datetime | None


class Disclosure(BaseModel):
    """One entry of the access log: who (`subject`: the official's name in their department's tokens), for what purpose,
    on which agreements, when, and the names of the fields."""

    entry: UUID
    at: datetime
    action: str
    subject: str
    department: str | None
    service: str | None
    purpose: str
    fields: list[str]
    basis: str


class Disclosures(BaseModel):
    """Who was told of a person, the newest first; ask on with `after=next_after` until it is null."""

    disclosures: list[Disclosure]
    next_after: UUID | None
