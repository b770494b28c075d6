"""Bodies of flags and officials."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.registry.break_glass.schemas import Category
from services.registry.citizens.schemas import Department
from services.registry.misuse.rules import Rule
from services.registry.questions.schemas import Lines
from shared.contracts.values import AreaCode, Identifier

Decided = Literal["seen", "justified", "misuse"]


class Provisioned(BaseModel):
    """Who an official is, by a number of theirs, and for which areas they work; none: for all."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    identifier: Identifier
    areas: Annotated[list[AreaCode], Field(max_length=100)] = []


class Decision(BaseModel):
    """What the protection officer makes of a flag. `seen` may become one of the others later."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    decision: Decided
    reason: Lines


class BrokenGlass(BaseModel):
    """Of a flag `break-glass`: why, and whether it was justified; `overdue`: it was not, and should have been."""

    category: Category
    justify_by: datetime
    justification: str | None
    justified_at: datetime | None
    overdue: bool


class Flagged(BaseModel):
    """A rule noticed an access. It says who acted and which entry it was, and nothing about the person."""

    flag: UUID
    rule: Rule
    department: Department
    official: str
    entry: UUID
    at: datetime
    raised_at: datetime
    decision: Decided | None
    decided_at: datetime | None
    break_glass: BrokenGlass | None


class FlagsListed(BaseModel):
    """In a fixed order; ask on with `after=next_after` until it is null."""

    flags: list[Flagged]
    next_after: UUID | None
