"""Bodies of the list of half moves."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class HalfMoveFound(BaseModel):
    """A half without the other: `area` is where the other half is missing from, `days` how long since it took
    effect (Asia/Shanghai)."""

    id: UUID
    half: Literal["departure", "arrival"]
    person: str
    permit: str
    area: str
    since: date
    days: int


class HalfMovesFound(BaseModel):
    """A page, the oldest first; ask on with the last one's day and id as `after_day` and `after_id`."""

    moves: list[HalfMoveFound]
    more: bool
