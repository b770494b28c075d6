"""Bodies of hand-overs. Days in Asia/Shanghai."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.alerts.episodes.consents import Channel, Language
from services.alerts.facilities.duty import CODE
from shared.contracts.values import Day, Value
from shared.errors import RuleBroken
from shared.sharing.words import Words

FacilityCode = Annotated[str, StringConstraints(pattern=rf"^{CODE.pattern}$")]
AreaText = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{6})?$")]


class AgreedBody(Value):
    """She was told the words of `GET /v1/handovers/words` for this facility, and agreed."""

    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    language: Language
    channel: Channel


class OfferBody(Value):
    """To whom: a facility, or the one on duty for an area. `until`: the last day of a stay; without it for good."""

    to: FacilityCode | None = None
    area: AreaText | None = None
    until: Day | None = None
    agreed: AgreedBody

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """A facility, or an area; never both."""
        if (self.to is None) == (self.area is None):
            raise RuleBroken("needs either `to` or `area`", "须注明 to 或 area 之一")
        return self


class OfferedView(BaseModel):
    """An offer, as the facility that has the duty sees it. `asking`: she has not agreed yet, and no other knows."""

    id: UUID
    episode: UUID
    to: str
    state: str
    since: date
    until: date | None
    too_long: bool


class IncomingView(BaseModel):
    """An offer before it is accepted: where, since when, and for how long. Nothing about her."""

    id: UUID
    area: str
    since: date
    until: date | None
    too_long: bool


class CountsView(BaseModel):
    """For supervisors. `too_long`: nobody has answered for a week. `without_facility`, for the county's: episodes whose
    facility is provisioned no more."""

    incoming: int
    incoming_too_long: int
    outgoing: int
    outgoing_too_long: int
    without_facility: int | None = None


class HandoversView(BaseModel):
    """A page of each list, the oldest first; the counts are of all. Lists are for care workers, counts for supervisors.
    `next_after`: where either goes on."""

    incoming: list[IncomingView] | None = None
    outgoing: list[OfferedView] | None = None
    counts: CountsView | None = None
    next_after: str | None = None


class AcceptedView(BaseModel):
    """The episode that is the caller's facility's now."""

    episode: UUID


class WordsView(BaseModel):
    """What she is told before she is asked, and its version."""

    version: str
    words: Annotated[Words, Field(description="To be read to her, or given to read.")]
