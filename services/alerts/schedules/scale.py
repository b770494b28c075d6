"""Scales of risk: levels that a clinician sets. Pure."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.alerts.schedules.schedule import Code, Model
from shared.sharing.words import Words


class Level(Model):
    """One level. With `case_management`, the one who is at it has a named worker and the contacts of such a plan."""

    code: Code
    title: Words
    case_management: bool


class RiskScale(Model):
    """A scale, lowest level first. A city that uses another one provisions it beside the national one.

    A level is set by a clinician and computed by nobody. An infection is no level: it is a flag of the care record.
    """

    scale: Code
    title: Words
    source: Words
    levels: Annotated[tuple[Level, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def levels_are_sound(self) -> Self:
        """Codes are unique, and what is managed at one level is managed at every higher one."""
        codes = [level.code for level in self.levels]
        if len(set(codes)) != len(codes):
            raise ValueError("a level stands twice")
        managed = [level.case_management for level in self.levels]
        if managed != sorted(managed):
            raise ValueError("a higher level is not managed, and a lower one is")
        return self
