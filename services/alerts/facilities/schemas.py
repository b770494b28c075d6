"""Bodies of staff. Days are the first and the last one, in Asia/Shanghai."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import RuleBroken

Subject = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]{0,98}[^\s\x00-\x1f\x7f])?$")]


class StaffWanted(BaseModel):
    """A worker of the caller's facility. `subject`: what their credential calls them.

    `clinician` may set a level of risk and what only a clinician knows. `stands_in_for`: the colleague whose duty they
    have until the last day, which a stand-in needs. Without `from`: from today.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    subject: Subject
    role: Literal["care-worker", "supervisor"] = "care-worker"
    clinician: bool = False
    stands_in_for: Subject | None = None
    begins: Annotated[date | None, Field(alias="from", strict=False)] = None
    until: Annotated[date | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.stands_in_for is not None and self.until is None:
            raise RuleBroken("a stand-in needs a last day", "代岗须有末日")
        if self.stands_in_for == self.subject:
            raise RuleBroken("nobody stands in for themselves", "不能代自己履职")
        return self


class StaffBody(BaseModel):
    """A line of a facility's staff. `active`: it lists them today; `shut_out_at`: a device was lost, or they left:
    tokens and sessions from before are void for good, and nothing that begins later is."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: UUID
    subject: str
    role: str
    clinician: bool
    stands_in_for: str | None
    begins: Annotated[date, Field(alias="from")]
    until: date | None
    active: bool
    shut_out_at: datetime | None


class StaffList(BaseModel):
    """Everybody who is, will be or was listed at the caller's facility."""

    staff: list[StaffBody]
