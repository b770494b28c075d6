"""Bodies of the lists of contradictions."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

Kind = Literal[
    "event-after-death",
    "two-households",
    "number-against-birth-date",
    "number-against-sex",
    "birth-dates-differ",
    "names-differ",
    "sexes-differ",
    "deaths-differ",
    "dissolved-without-marriage",
    "departed-without-being-registered",
    "two-living-numbers",
    "rival-corrections",
    "born-after-mothers-death",
    "parent-under-ten",
    "married-while-married",
]


class Side(BaseModel):
    """What one department reported. `value`, `type` and `effective_on` of others' reports are withheld but for the
    authority on identity; `receipt` is given for the caller's own reports, which it can correct or annul."""

    department: str
    field: str
    value: str | None
    type: str | None
    effective_on: date | None
    receipt: UUID | None
    withheld: bool


class ContradictionFound(BaseModel):
    """Statements about one person (the caller's own reference) that cannot all be true. What an adoption says is told
    to nobody but who registers it, and no explanation by others where it has a part.

    `seen_at`: since when it stands as it does. `explained_at` and the rest: why all of it is true, said by whom.
    """

    id: UUID
    kind: Kind
    meaning: str
    person: str
    sides: list[Side]
    first_seen_at: datetime
    seen_at: datetime
    explained_at: datetime | None
    explained_by: str | None
    explanation: str | None


class ContradictionsFound(BaseModel):
    """A page, oldest first; ask on with `next_after`."""

    contradictions: list[ContradictionFound]
    next_after: UUID | None


class Explanation(BaseModel):
    """Why all that is said is true. It stands until the facts change."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=1000)]
