"""Bodies of corrections."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.exchange.corrections.rules import Kind

Status = Literal["unacknowledged", "acknowledged", "overdue"]


class Acknowledgement(BaseModel):
    """The entries whose correction the department has carried out, by their ids. As often as you like."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    entries: Annotated[list[UUID], Field(min_length=1, max_length=1_000)]


class Acknowledged(BaseModel):
    """Which of these are acknowledged now, and which are no corrections of this department's feed."""

    acknowledged: list[UUID]
    not_found: list[UUID]


class CorrectionTold(BaseModel):
    """A correction as its receiver was told it. `entry`: the entry of the feed, which says what is right."""

    correction: UUID
    entry: UUID
    kind: Kind
    reference: Annotated[str, Field(description="The department's own reference of the person.")]
    fields: list[str]
    batch: Annotated[str | None, Field(description="The bulk load that corrected it.")]
    told_at: datetime
    acknowledge_by: Annotated[date, Field(description="The last day; overdue from the next one.")]
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class Corrections(BaseModel):
    """A page of corrections; ask on with `after=next_after` until it is null."""

    corrections: list[CorrectionTold]
    next_after: UUID | None


class CorrectionMade(BaseModel):
    """An event of the caller's department that corrects or annuls, and whether all others who had to acknowledge have.

    `not-yet` until the last day, whoever had to: neither which departments hold something of a person nor how many do
    is a matter of the reporter.
    """

    receipt: UUID
    source: str
    id: str
    type: str
    acknowledge_by: Annotated[date, Field(description="The last day for those who were told.")]
    acknowledged: Literal["yes", "not-yet", "overdue"]


class CorrectionsMade(BaseModel):
    """A page of the department's own corrections; ask on with `after=next_after` until it is null."""

    corrections: list[CorrectionMade]
    next_after: UUID | None
