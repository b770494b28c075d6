"""What a department is answered about its lists."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["only-there", "only-here", "differs", "not-applied"]
Why = Literal["never-reported", "not-listed", "held", "rejected", "superseded", "other-content", "other-period"]


class Counts(BaseModel):
    """How many vital events: `same` are in both, alike, and applied or on their way."""

    listed: int = 0
    same: int = 0
    only_there: Annotated[int, Field(description="In the list only: never reported.")] = 0
    only_here: Annotated[int, Field(description="In the journal only.")] = 0
    differs: Annotated[int, Field(description="In both, with other content or in another period.")] = 0
    not_applied: Annotated[int, Field(description="In both, alike, but held, rejected or superseded.")] = 0
    why: Annotated[dict[str, int], Field(description="The same by `kind: why`.")] = {}


class List(BaseModel):
    """A department's list of a period; `counts` is complete when the state is `done`. `compared` shows progress."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    reconciliation: UUID
    first_day: Annotated[date, Field(alias="from")]
    last_day: Annotated[date, Field(alias="to")]
    state: Literal["running", "done", "failed"]
    rows: int
    compared: int
    counts: Counts
    began_at: datetime


class Lists(BaseModel):
    """The newest lists of the department."""

    reconciliations: list[List]


class Difference(BaseModel):
    """One vital event that is not alike. `line`, `record`: where it stands in the list; `receipt`: in the journal."""

    number: int
    kind: Kind
    why: Why
    source: str
    id: str
    line: int | None
    record: str | None
    receipt: UUID | None


class Differences(BaseModel):
    """A page; ask on with `after=next_after` until it is null."""

    differences: list[Difference]
    next_after: int | None


class Compared(List):
    """The answer to a list: counts, and the first differences of each kind."""

    only_there: list[Difference]
    only_here: list[Difference]
    differs: list[Difference]
    not_applied: list[Difference]
