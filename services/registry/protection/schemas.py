"""Bodies of protection."""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from services.registry.protection.rules import Ground
from services.registry.questions.schemas import Lines
from shared.contracts.values import Day, Identifier, Text
from shared.errors_text import RuleBroken


class Mark(BaseModel):
    """Whom to protect, by a number or by a reference that the department has; on which ground, and why. `review_by`:
    the last day on which the department looks at it again; the protection does not end by itself."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    identifier: Identifier | None = None
    reference: Text | None = None
    ground: Ground
    reason: Lines
    review_by: Day

    @model_validator(mode="after")
    def names_one(self) -> Self:
        """One of the two names the person."""
        if (self.identifier is None) == (self.reference is None):
            raise RuleBroken("needs an identifier or a reference, and not both", "须填写 identifier 或 reference 之一")
        return self


class Ending(BaseModel):
    """Why nobody has to be protected any more."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    reason: Lines


class ProtectionShown(BaseModel):
    """One protection, for the department that protects; `person` is its own reference. `overdue`: it should have been
    looked at again. `end_asked_by`: an official wants it ended, and another one must agree. `ended_at`: it has ended.
    """

    id: UUID
    person: str
    ground: Ground
    reason: str
    marked_by: str
    marked_at: datetime
    review_by: date
    overdue: bool
    end_asked_by: str | None
    end_asked_at: datetime | None
    end_reason: str | None
    ended_by: str | None
    ended_at: datetime | None


class ProtectionsShown(BaseModel):
    """The oldest first; ask on with `after=next_after` until it is null."""

    protections: list[ProtectionShown]
    next_after: UUID | None
