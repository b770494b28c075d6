"""Values that appear in several payloads. Strict: nothing is coerced and unknown fields are refused."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from shared.errors_text import RuleBroken
from shared.identifiers.resident import InvalidIdentifier, parse

# No control characters: NUL cannot be stored, others mean something else to the next reader. Surrogates: pydantic.
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z._:/-]*$")]
SchemeCode = Annotated[
    str,
    StringConstraints(max_length=64, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"),
    Field(description="A scheme of the provisioned list (schemes.yaml)."),
]
AreaCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{6}|[0-9]{12})$")]


ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def iso_day(value: object) -> object:
    """Strict dates in JSON are text; only the plain ISO form is one (no timestamps, no ordinal or week dates)."""
    if isinstance(value, str):
        if ISO_DAY.fullmatch(value) is None:
            raise RuleBroken("must be a date, YYYY-MM-DD", "必须是日期，格式 YYYY-MM-DD")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise RuleBroken("is no day of the calendar", "不是有效日期") from None
    return value


Day = Annotated[
    date,
    BeforeValidator(iso_day),
    Field(ge=date(1850, 1, 1), le=date(2199, 12, 31)),
    # JSON Schema has no limits for dates.
    WithJsonSchema({"type": "string", "format": "date", "description": "A day between 1850 and 2199, YYYY-MM-DD."}),
]


class Value(BaseModel):
    """Base of every payload value: immutable, strict, closed."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)


class Sex(StrEnum):
    """GB/T 2261.1 in words: 0 unknown, 1 male, 2 female, 9 unspecified."""

    UNKNOWN = "unknown"
    MALE = "male"
    FEMALE = "female"
    UNSPECIFIED = "unspecified"


SexField = Annotated[Sex, Field(strict=False)]


class Identifier(Value):
    """A number that an issuer gave to one person. Compared by type, issuer and value, never by value alone."""

    type: Literal["resident-identity-number", "birth-certificate-number", "passport"]
    value: Number
    issuer: Number | None = None

    @model_validator(mode="after")
    def number_is_valid(self) -> Self:
        """Judge resident identity numbers by GB 11643; the fault never repeats the number."""
        if self.type == "resident-identity-number":
            try:
                parse(self.value)
            except InvalidIdentifier:
                raise RuleBroken("is not a valid resident identity number", "不是有效的公民身份号码") from None
        return self


class Person(Value):
    """A source record: what one reporter says about one person in one vital event."""

    identifiers: Annotated[list[Identifier], Field(min_length=1, max_length=4)]
    name: Text
    sex: SexField
    birth_date: Day


class Household(Value):
    """Where a person is registered: a household of that number in that area, and how they relate to its head."""

    number: Number
    kind: Literal["family", "collective"]
    relation: Literal["head", "spouse", "child", "parent", "grandchild", "grandparent", "sibling", "other"]
    area: AreaCode


class EventReference(Value):
    """A vital event, by its reporter's own source and id."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
    id: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]


class Superseded(EventReference):
    """The vital event that a correction or annulment replaces, by its reporter's own source and id."""


Action = Literal["created", "corrected", "annulled"]
"""Whether an event says something new, replaces what was said, or takes it back."""


class Payload(Value):
    """What every vital event says: whether it creates, corrects or annuls, and the day it took effect."""

    action: Action
    effective_on: Day
    supersedes: Superseded | None = None

    @model_validator(mode="after")
    def supersedes_fits_action(self) -> Self:
        """`supersedes` stands with corrected and annulled, and only there."""
        if (self.action == "created") != (self.supersedes is None):
            raise RuleBroken(
                "needs supersedes when corrected or annulled, and only then", "更正或撤销须填 supersedes，新建不得填写"
            )
        return self
