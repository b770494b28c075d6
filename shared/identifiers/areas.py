"""Area codes: six digits down to the county (GB/T 2260), twelve down to the community (2+2+2+3+3), and the table of
the areas that a city provisions. A code is not for ever: entries carry validity dates and their successors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, field_validator

from shared.identifiers.errors import InvalidIdentifier


class Level(StrEnum):
    """How far down an area lies."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    COMMUNITY = "community"


_STEPS = ((2, Level.PROVINCE), (4, Level.CITY), (6, Level.COUNTY), (9, Level.TOWNSHIP), (12, Level.COMMUNITY))


@dataclass(frozen=True, slots=True, order=True)
class AreaCode:
    """A well-formed code, known or not. Down to the county it is written with 6 digits, below with 12."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "AreaCode":
        """Read a code of 6 or 12 digits; raises `InvalidIdentifier`. Twelve digits that end in six zeros name the
        county and are shortened, so that one area has one spelling."""
        if len(text) not in (6, 12) or not (text.isascii() and text.isdigit()) or text.startswith("00"):
            raise InvalidIdentifier("the area code", "area")
        if len(text) == 12 and text.endswith("000000"):
            text = text[:6]
        return cls(text)

    @property
    def prefix(self) -> str:
        """The digits that every area within this one begins with."""
        return self.text[: self._length]

    @property
    def _length(self) -> int:
        used = len(self.text.rstrip("0"))
        return next(length for length, _ in _STEPS if used <= length)

    @property
    def level(self) -> Level:
        """Province, city, county, township or community."""
        return dict(_STEPS)[self._length]

    def parents(self) -> tuple["AreaCode", ...]:
        """The areas around this one, nearest first: township, county, city, province. A city without counties
        (as 441900 is) stands in for its own county."""
        shorter = [length for length, _ in _STEPS if length < self._length]
        around = (AreaCode(self.text[:length].ljust(6 if length <= 6 else 12, "0")) for length in reversed(shorter))
        return tuple(dict.fromkeys(around))

    def within(self, other: "AreaCode") -> bool:
        """Whether this area is the other or lies in it."""
        return self.text.startswith(other.prefix)

    def __str__(self) -> str:
        return self.text


class Area(BaseModel):
    """An entry of the provisioned table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    zh: str
    en: str
    synthetic: bool = False
    """Made up for the synthetic county: it names no real place."""
    valid_from: date | None = None
    valid_until: date | None = None
    successors: tuple[str, ...] = ()
    """The codes that hold its people after `valid_until`; the first of them holds everybody whom `households` does not
    place elsewhere."""
    households: Mapping[str, tuple[str, ...]] = {}
    """Of an area that was split: successor → the numbers of the households that it holds."""

    @field_validator("code")
    @classmethod
    def _well_formed(cls, code: str) -> str:
        return AreaCode.parse(code).text

    def holder(self, household: str | None) -> str | None:
        """The successor that holds a household; None for an area without successors."""
        placed = (code for code, numbers in self.households.items() if household in numbers)
        return next(placed, self.successors[0] if self.successors else None)

    def valid_on(self, day: date) -> bool:
        """Whether the code was in use that day (until the day before `valid_until`)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


class AreaTable(Mapping[str, Area]):
    """The known areas by code. What it does not know may still be a real area elsewhere: warn, never reject."""

    def __init__(self, areas: tuple[Area, ...]) -> None:
        self._areas = {area.code: area for area in areas}
        if len(self._areas) != len(areas):
            raise ValueError("an area code stands twice in the table")

    @classmethod
    def load(cls, path: Path) -> "AreaTable":
        """Read `areas.yaml`; raises `pydantic.ValidationError` or `ValueError` for a table that is not sound."""
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return cls(TypeAdapter(tuple[Area, ...]).validate_python(content["areas"]))

    def __getitem__(self, code: str) -> Area:
        return self._areas[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._areas)

    def __len__(self) -> int:
        return len(self._areas)

    def at(self, code: str, day: date, household: str | None = None) -> str:
        """The code that the place of `code` has on a day: whoever was registered in an area that was split, merged or
        renamed since counts in what became of it, and nobody is entered anew for that.

        What lies in an ended area and is not listed itself goes where the area went, under its own last digits where
        the table knows such a code, and no code is ever made up.
        """
        found = code
        for _ in range(len(self._areas)):
            following = self._following(found, day, household)
            if following is None:
                break
            found = following
        return found

    def _following(self, code: str, day: date, household: str | None) -> str | None:
        """What a code became by a day, one step on; None where it stands."""
        own = AreaCode.parse(code)
        for each in (own, *own.parents()):
            area = self.get(each.text)
            if area is None:
                continue
            successor = area.holder(household)
            if area.valid_until is None or area.valid_until > day or successor is None:
                return None
            moved = AreaCode.parse(successor).prefix + own.text[len(each.prefix) :]
            return successor if each == own or moved not in self._areas else moved
        return None

    def below(self, code: str, level: Level) -> list[Area]:
        """The areas of one level within an area, by code, ended ones among them."""
        outer = AreaCode.parse(code)
        inner = (AreaCode.parse(each) for each in sorted(self._areas))
        return [self._areas[each.text] for each in inner if each.level is level and each.within(outer)]
