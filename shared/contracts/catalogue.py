"""The catalogue: the only list of event types. Model, reporters, people and partition key of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from shared.contracts.adoption import AdoptionRegistered
from shared.contracts.birth import BirthCertified
from shared.contracts.death import DeathCertified
from shared.contracts.household import HouseholdRegistered
from shared.contracts.marriage import MarriageRegistered
from shared.contracts.migration import MigrationArrived, MigrationDeparted
from shared.contracts.values import Identifier, Payload, Person

PREFIX = "cn.tenfold."
VERSION = ".v1"


def people_of_birth(data: BirthCertified) -> dict[str, Person]:
    """The child stands for itself by its certificate number; an unnamed child has an empty name until it is named."""
    certificate = Identifier(type="birth-certificate-number", value=data.certificate_number)
    child = Person.model_construct(
        identifiers=[certificate], name=data.child.name or "", sex=data.child.sex, birth_date=data.child.birth_date
    )
    father = {"father": data.father} if data.father else {}
    return {"child": child, "mother": data.mother, **father}


@dataclass(frozen=True)
class EventType:
    """One type of vital event. `people` maps a payload to its source records by role; `main` is the role whose
    first identifier is the partition key."""

    name: str
    model: type[Payload]
    reporters: frozenset[str]
    people: Callable[[Any], Mapping[str, Person]]
    main: str

    @property
    def type(self) -> str:
        """The CloudEvents `type` attribute."""
        return f"{PREFIX}{self.name}{VERSION}"

    @property
    def adapter(self) -> TypeAdapter[Payload]:
        """The compiled validator of the payload."""
        return ADAPTERS[self.name]


def only_person(data: HouseholdRegistered | MigrationDeparted | MigrationArrived | DeathCertified) -> dict[str, Person]:
    """The events about one person."""
    return {"person": data.person}


def people_of_marriage(data: MarriageRegistered) -> dict[str, Person]:
    """Two equal spouses."""
    return {"spouse_1": data.spouses[0], "spouse_2": data.spouses[1]}


def people_of_adoption(data: AdoptionRegistered) -> dict[str, Person]:
    """The child, then the adopters in the order given."""
    return {"child": data.child} | {f"adopter_{n}": adopter for n, adopter in enumerate(data.adopters, start=1)}


SECURITY, CIVIL, HEALTH = "public-security", "civil-affairs", "health"

TYPES = (
    EventType("household.registered", HouseholdRegistered, frozenset({SECURITY}), only_person, "person"),
    EventType("birth.certified", BirthCertified, frozenset({HEALTH}), people_of_birth, "child"),
    EventType("marriage.registered", MarriageRegistered, frozenset({CIVIL}), people_of_marriage, "spouse_1"),
    EventType("migration.departed", MigrationDeparted, frozenset({SECURITY}), only_person, "person"),
    EventType("migration.arrived", MigrationArrived, frozenset({SECURITY}), only_person, "person"),
    EventType("death.certified", DeathCertified, frozenset({HEALTH, SECURITY, CIVIL}), only_person, "person"),
    EventType("adoption.registered", AdoptionRegistered, frozenset({CIVIL}), people_of_adoption, "child"),
)
CATALOGUE: Mapping[str, EventType] = {entry.type: entry for entry in TYPES}
ADAPTERS: Mapping[str, TypeAdapter[Payload]] = {entry.name: TypeAdapter(entry.model) for entry in TYPES}


def full_type(name: str) -> str:
    """Give the CloudEvents type for a type or its short form (`birth.certified`)."""
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}{VERSION}"
