"""Bodies of breaking glass."""

from datetime import datetime
from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from services.registry.questions.schemas import Lines
from shared.contracts.values import Identifier, Text
from shared.errors_text import RuleBroken

Category = Literal["danger-to-life", "person-found", "disaster", "urgent-service"]
"""Why nobody could wait for a case. The person sees it."""


class Reason(BaseModel):
    """The category, which the person sees, and what happened, which the protection officer asks for."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    category: Category
    text: Lines


class Break(BaseModel):
    """Whom one official must look up at once: by a number, or by a reference that the department has."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    reason: Reason
    identifier: Identifier | None = None
    reference: Text | None = None

    @model_validator(mode="after")
    def names_one(self) -> Self:
        """One of the two names the person."""
        if (self.identifier is None) == (self.reference is None):
            raise RuleBroken("needs an identifier or a reference, and not both", "须填写 identifier 或 reference 之一")
        return self


class Broken(BaseModel):
    """Until `until` this official may look up `reference`; by `justify_by` they must say why."""

    grant: UUID
    reference: str
    until: datetime
    justify_by: datetime


class Justification(BaseModel):
    """Why it was necessary."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    text: Lines
