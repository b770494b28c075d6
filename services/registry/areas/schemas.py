"""Bodies of areas."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.registry.areas.rules import Change
from shared.contracts.values import Text
from shared.identifiers.areas import Area


class NewList(BaseModel):
    """The whole list of areas, ended ones among them, and why it is entered."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    reason: Text
    areas: Annotated[list[Area], Field(min_length=1, max_length=50_000)]


class Restore(BaseModel):
    """Why an earlier list is to stand once more."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    reason: Text


class Entered(BaseModel):
    """What changed, by code; `list_id` is null where it was only tried."""

    list_id: UUID | None
    changes: list[Change]


class EnteredList(BaseModel):
    """A list of areas: who entered it, when and why. It stood until the next."""

    list_id: UUID
    entered_at: datetime
    by: str
    reason: str
    areas: int


class AreaLists(BaseModel):
    """The newest first; ask on with `after=next_after` until it is null."""

    lists: list[EnteredList]
    next_after: UUID | None


class AreaRoots(BaseModel):
    """The areas that lie in no other of the list."""

    areas: list[Area]


class AreaFound(BaseModel):
    """An area with what lies around and right below it on the day asked for, and the codes that ended in it. What
    became of it, if it ended, stands in `area.successors`. `in_use`: whether the code counts on that day."""

    area: Area
    in_use: bool
    parent: Area | None
    children: list[Area]
    predecessors: list[str]
