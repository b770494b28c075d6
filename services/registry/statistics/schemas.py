"""Bodies of statistics."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.registry.statistics.indicators import Dimension, Indicator, Words

Month = Annotated[str, Field(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", description="A month, YYYY-MM.")]


class ReleaseAsked(BaseModel):
    """The month that is to be published."""

    model_config = ConfigDict(extra="forbid")
    period: Month


class Released(BaseModel):
    """The periods that were published: the month, and with a December its year."""

    periods: list[str]


class Release(BaseModel):
    """A period, and when it was published."""

    period: str
    made_at: datetime


class Indicators(BaseModel):
    """All there is: what is published, and for which periods."""

    indicators: list[Indicator]
    releases: list[Release]


class Value(BaseModel):
    """One figure. No `value`: withheld, for it or another would be less than ten people. `age`: five years from this
    one on; from 85 on all older."""

    area: str | None = None
    sex: str | None = None
    age: int | None = None
    value: float | None = None


class Published(BaseModel):
    """An indicator as published for a period."""

    indicator: str
    title: Words
    definition: Words
    unit: Words
    source: Words
    period: str
    made_at: datetime
    area: str | None
    by: list[Dimension]
    values: list[Value]


class AreaPopulation(BaseModel):
    """How many people an area had at the end of a period, as published; no `people`: withheld. `area`: as the release
    writes it, null for the whole county."""

    area: str | None
    period: str
    made_at: datetime
    people: int | None


class TreeNode(BaseModel):
    """An area with how many people it had, as published, and what lies right below it. No `people`: withheld. `area`:
    null for the whole county; `name`: null where the list of areas does not know the code; a code that ends in `-rest`
    is of whoever is registered in no smaller place of it."""

    area: str | None
    name: Words | None
    people: int | None
    children: list["TreeNode"]


class AreaTree(BaseModel):
    """An area and everything below it, at the end of a period, as published."""

    period: str
    made_at: datetime
    tree: TreeNode


class Quality(BaseModel):
    """How complete, timely and consistent the register is, as published with a month."""

    period: str
    made_at: datetime
    births: dict[str, Any]
    marriages: dict[str, Any]
    consistency: dict[str, Any]
