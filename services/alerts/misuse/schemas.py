"""Bodies of flags."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.alerts.facilities.duty import Facilities
from services.alerts.misuse.limits import Limits
from services.alerts.misuse.repository import Stored
from services.alerts.questions.schemas import Lines
from shared.contracts.values import Value
from shared.sharing.words import Words

Decided = Literal["seen", "justified", "misuse"]


class Decision(Value):
    """What a supervisor makes of a flag. `seen` may become one of the others later."""

    decision: Decided
    reason: Lines


class FlagView(BaseModel):
    """A rule noticed what a worker did on a day. It says nothing of any woman."""

    flag: UUID
    rule: str
    version: str
    words: Words
    facility: Words
    worker: Annotated[str, Field(description="As credentials name them.")]
    day: date
    about: Annotated[str | None, Field(description="The one episode that is meant, as the access log names it.")]
    count: Annotated[int, Field(description="Of episodes; of days, where one episode is meant.")]
    above: Annotated[int, Field(description="More than so many are noticed.")]
    raised_at: datetime
    decision: Decided | None
    decided_at: datetime | None

    @classmethod
    def of(cls, stored: Stored, limits: Limits, facilities: Facilities) -> "FlagView":
        """Shape it."""
        told = dict(stored.__dict__)
        there = facilities.get(stored.facility)
        told["facility"] = Words(zh=there.zh, en=there.en) if there else Words(zh=stored.facility, en=stored.facility)
        return cls(
            flag=told.pop("flag_id"),
            worker=told.pop("subject"),
            about=told.pop("name"),
            words=limits.of(stored.rule).words,
            **told,
        )


class FlagsView(BaseModel):
    """In the order in which they were raised; ask on with `after=next_after` until it is null."""

    flags: list[FlagView]
    next_after: UUID | None
