"""What the synthetic county consists of. Nobody in it exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

from shared.identifiers.resident import Sex

Relation = Literal["head", "spouse", "child", "parent", "grandchild", "grandparent", "sibling", "other"]
Kind = Literal["family", "collective"]
Department = Literal[
    "public-security",
    "health",
    "civil-affairs",
    "housing",
    "education",
    "human-resources",
    "market-supervision",
    "population-family",
    "finance",
]

COUNTY_AREA = "370102"
"""Lixia District of Jinan: the code is real, everything below it is made up."""
REFERENCE = date(2025, 7, 1)
"""The base population is that of the eve of this day, whatever today is: what fits it today fits it tomorrow."""
REFERENCE_EVE = REFERENCE - timedelta(days=1)
"""The day on which the base population was recorded."""


class Report(NamedTuple):
    """A CloudEvent as one department reports it. No transport is preferred (`transport_hint` is None)."""

    department: Department
    transport_hint: None
    cloud_event: dict[str, object]


@dataclass(frozen=True, slots=True)
class Resident:
    """A person of the county; `mother`, `father` and `spouse` are indexes into `County.people`."""

    index: int
    name: str
    sex: Sex
    birth_date: date
    identity_number: str
    household: int
    relation: Relation
    mother: int | None
    father: int | None
    spouse: int | None
    registered_on: date


@dataclass(frozen=True, slots=True)
class Home:
    """A household; `members` are indexes into `County.people`. A collective one has no head. The month never touches
    a reserved one: `tenfold example` takes its people from these."""

    index: int
    number: str
    kind: Kind
    area: str
    members: tuple[int, ...]
    reserved: bool


@dataclass(frozen=True)
class County:
    """The base population: people and households by index, and the communities with their facilities."""

    seed: int
    people: tuple[Resident, ...]
    households: tuple[Home, ...]
    communities: tuple[str, ...]
    facilities: Mapping[str, tuple[str, ...]]
    """Facility code → area prefixes it serves."""

    def home(self, resident: Resident) -> Home:
        """The household someone is registered in."""
        return self.households[resident.household]

    def facility_for(self, area: str) -> str | None:
        """The facility on duty for an area: the longest prefix decides; None outside the county."""
        matches = [
            (len(prefix), code)
            for code, prefixes in self.facilities.items()
            for prefix in prefixes
            if area.startswith(prefix)
        ]
        return max(matches)[1] if matches else None

    @cached_property
    def identity_numbers(self) -> frozenset[str]:
        """Every number that is taken."""
        return frozenset(resident.identity_number for resident in self.people)

    @cached_property
    def children_of(self) -> Mapping[int, tuple[int, ...]]:
        """Mother's index → her children in the county."""
        found: dict[int, tuple[int, ...]] = {}
        for resident in self.people:
            if resident.mother is not None:
                found[resident.mother] = (*found.get(resident.mother, ()), resident.index)
        return found
