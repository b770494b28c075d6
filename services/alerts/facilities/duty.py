"""The facility on duty for an area on a day: the one with the longest matching prefix that is valid then. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from shared.identifiers.areas import AreaCode, AreaTable
from shared.identifiers.errors import InvalidIdentifier
from shared.sharing.provisioning import read

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
COUNTY = 6  # digits of a county's code: a facility with such a prefix catches what is left in it

Prefix = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]


class Served(BaseModel):
    """A prefix and the days on which it is served, first and last included; without them: always."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    prefix: Prefix
    begins: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins and self.until and self.until < self.begins:
            raise ValueError("ends before it begins")
        return self

    def on(self, day: date) -> bool:
        """Whether it is served that day."""
        return (self.begins is None or self.begins <= day) and (self.until is None or day <= self.until)

    def meets(self, other: "Served") -> bool:
        """Whether both are served on some day."""
        earlier, later = sorted((self, other), key=lambda each: each.begins or date.min)
        return earlier.until is None or (later.begins or date.min) <= earlier.until


class Facility(BaseModel):
    """A health facility and the area prefixes it serves. `contact`: how people reach it, as they are told."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, StringConstraints(pattern=rf"^{CODE.pattern}$")]
    zh: str
    en: str
    contact: str | None = None
    serves: tuple[Served, ...]

    @field_validator("serves", mode="before")
    @classmethod
    def _dated(cls, serves: object) -> object:
        """A prefix alone is served always."""
        given = serves if isinstance(serves, list | tuple) else ()
        return tuple({"prefix": each} if isinstance(each, str) else each for each in given) if given else serves


class _File(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    facilities: list[Facility]


@dataclass(frozen=True)
class ServedBy:
    """One line of who serves what when."""

    prefix: str
    facility: str
    begins: date | None
    until: date | None


@dataclass(frozen=True)
class Held:
    """Work as it was held before: by which facility, for which area."""

    facility: str | None
    area: str | None


class Facilities:
    """All provisioned facilities. `areas` tells what became of a code that has ended."""

    def __init__(self, facilities: Sequence[Facility], areas: AreaTable | None = None) -> None:
        self._by_code = {facility.code: facility for facility in facilities}
        self._by_prefix: dict[str, list[tuple[Served, str]]] = {}
        self._areas = areas or AreaTable(())
        if len(self._by_code) != len(facilities):
            raise ValueError("a facility code stands twice")
        for facility in facilities:
            for served in facility.serves:
                of_prefix = self._by_prefix.setdefault(served.prefix, [])
                if any(served.meets(other) for other, _ in of_prefix):
                    raise ValueError("two facilities serve the same prefix")
                of_prefix.append((served, facility.code))

    @classmethod
    def load(cls, path: Path, areas: AreaTable | None = None) -> "Facilities":
        """Read `facilities.yaml`. Raises ValueError (ProvisioningRefused names the place) for one that is not sound."""
        return cls(read(_File, path).facilities, areas)

    @classmethod
    def stored(cls, lines: Iterable[ServedBy], areas: AreaTable | None = None) -> "Facilities":
        """The same from stored lines: who served what when, without names."""
        of_code: dict[str, list[dict[str, object]]] = {}
        for line in lines:
            served: dict[str, object] = {"prefix": line.prefix, "from": line.begins, "until": line.until}
            of_code.setdefault(line.facility, []).append(served)
        return cls([Facility(code=code, zh=code, en=code, serves=served) for code, served in of_code.items()], areas)

    @property
    def codes(self) -> list[str]:
        """Every code, sorted."""
        return sorted(self._by_code)

    @property
    def lines(self) -> frozenset[ServedBy]:
        """Who serves what when, line by line."""
        return frozenset(
            ServedBy(prefix, code, served.begins, served.until)
            for prefix, of_prefix in self._by_prefix.items()
            for served, code in of_prefix
        )

    def get(self, code: str | None) -> Facility | None:
        """The facility of this code, None where it is not provisioned."""
        return self._by_code.get(code) if code else None

    def served(self, day: date) -> dict[str, str]:
        """Prefix → facility on a day."""
        return {
            prefix: code
            for prefix, of_prefix in self._by_prefix.items()
            for served, code in of_prefix
            if served.on(day)
        }

    def ending(self, after: date, until: date) -> list[str]:
        """Prefixes of the areas whose code has ended since: their people may be another facility's now."""
        ended = (each for each in self._areas.values() if each.valid_until and after < each.valid_until <= until)
        return sorted(AreaCode.parse(each.code).prefix for each in ended)

    def catches(self, code: str | None, day: date) -> bool:
        """Whether this facility serves a whole county that day, and so answers for what nobody serves. Where none
        does, every facility answers."""
        counties = {each for prefix, each in self.served(day).items() if len(prefix) <= COUNTY}
        return code in counties or (not counties and code in self._by_code)

    def elsewhere(self, code: str, day: date) -> list[str] | None:
        """The facilities of other counties than this one serves as a whole that day, by all that they ever serve; None
        where it serves no whole county."""
        own = tuple(prefix for prefix, each in self.served(day).items() if each == code and len(prefix) <= COUNTY)
        here = {line.facility for line in self.lines if line.prefix.startswith(own)}
        return [each for each in self.codes if each not in here] if own else None

    def on_duty(self, area: str | None, day: date) -> str | None:
        """The code of the facility for an area; None where nobody serves it that day, or the area is not known.

        A code that has ended is served where its people's code went; where nobody serves that, as it stands.
        """
        if area is None:
            return None
        return self._matching(self.present(area, day), day) or self._matching(area, day)

    def prefix(self, code: str, area: str | None, day: date) -> str:
        """The prefix for which a facility is on duty that day: of an area's, or else the first; "" where none is."""
        own = sorted(prefix for prefix, each in self.served(day).items() if each == code)
        around = {self.present(area, day), area} if area else set()
        matching = [prefix for prefix in own if any(each.startswith(prefix) for each in around)]
        return max(matching, key=len) if matching else next(iter(own), "")

    def keeps(self, held: Held, area: str | None, day: date) -> str | None:
        """The facility on duty for open work. Where nobody serves a place any more, whoever held the work keeps it:
        a change of dates takes help from nobody. A move to where nobody serves is no such change."""
        same_place = area is not None and held.area is not None
        same_place = same_place and self.present(held.area or "", day) == self.present(area or "", day)
        kept = held.facility if same_place and held.facility in self._by_code else None
        return self.on_duty(area, day) or kept

    def present(self, area: str, day: date) -> str:
        """What a code is on a day. Which half of a split a household belongs to is not known here: the first."""
        try:
            return self._areas.at(area, day)
        except InvalidIdentifier:
            return area

    def _matching(self, area: str, day: date) -> str | None:
        for length in (12, 9, 6, 4, 2):
            for served, code in self._by_prefix.get(area[:length], ()) if len(area) >= length else ():
                if served.on(day):
                    return code
        return None


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Prefixes under which the facility of some area may be another one, outermost only."""
    differing = sorted({prefix for prefix in before.keys() | after.keys() if before.get(prefix) != after.get(prefix)})
    return [prefix for prefix in differing if not any(within(prefix, other) for other in differing)]


def within(prefix: str, other: str) -> bool:
    """Whether all areas of a prefix lie in another one."""
    return prefix != other and prefix.startswith(other)
