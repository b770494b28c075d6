"""The catalogue: the only list of event types. Model, reporters, people and partition key of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter

from shared.contracts import people
from shared.contracts.adoption import AdoptionRegistered
from shared.contracts.birth import BirthCertified
from shared.contracts.business import BusinessClosed, BusinessRegistered
from shared.contracts.death import DeathCertified
from shared.contracts.dwelling import DwellingRegistered, TenancyEnded, TenancyRegistered
from shared.contracts.enrolment import EnrolmentEnded, EnrolmentRegistered
from shared.contracts.entitlement import EntitlementEnded, EntitlementGranted
from shared.contracts.household import HouseholdCancelled, HouseholdRegistered
from shared.contracts.identity import IdentityChanged
from shared.contracts.insurance import InsuranceEnded, InsuranceEnrolled
from shared.contracts.marriage import MarriageDissolved, MarriageRegistered
from shared.contracts.migration import MigrationArrived, MigrationDeparted
from shared.contracts.payment import PaymentMade
from shared.contracts.residence import ResidenceEnded, ResidenceRegistered
from shared.contracts.values import Action, Identifier, Payload, Person

PREFIX = "cn.tenfold."
ACTIONS: tuple[Action, ...] = get_args(Action)
"""Every type can be created, corrected and annulled."""


@dataclass(frozen=True)
class EventType:
    """One type of vital event. `people` maps a payload to its source records by role; `main` is the role whose first
    identifier is the partition key. `version` rises when a change would break who reports or reads it
    (shared/contracts/compatibility.py)."""

    name: str
    model: type[Payload]
    reporters: frozenset[str]
    people: Callable[[Any], Mapping[str, Person]]
    main: str
    version: int = 1

    @property
    def type(self) -> str:
        """The CloudEvents `type` attribute."""
        return f"{PREFIX}{self.name}.v{self.version}"

    @property
    def adapter(self) -> TypeAdapter[Payload]:
        """The compiled validator of the payload."""
        return ADAPTERS[self.type]

    def key_of(self, data: Any) -> tuple[str, str, str]:
        """Type, issuer and value of what the partition is chosen by: an identifier of the main person, or, where the
        event is about nobody, the number of the dwelling."""
        main = self.people(data).get(self.main)
        if main is None:
            return ("dwelling-number", "", data.dwelling.number)
        first: Identifier = main.identifiers[0]
        return (first.type, first.issuer or "", first.value)


SECURITY, CIVIL, HEALTH = frozenset({"public-security"}), frozenset({"civil-affairs"}), frozenset({"health"})
HOUSING, EDUCATION, WORK = frozenset({"housing"}), frozenset({"education"}), frozenset({"human-resources"})
TRADE, FAMILY, FINANCE = frozenset({"market-supervision"}), frozenset({"population-family"}), frozenset({"finance"})

TYPES = (
    EventType("household.registered", HouseholdRegistered, SECURITY, people.only_person, "person"),
    EventType("household.cancelled", HouseholdCancelled, SECURITY, people.only_person, "person"),
    EventType("birth.certified", BirthCertified, HEALTH, people.people_of_birth, "child"),
    EventType("marriage.registered", MarriageRegistered, CIVIL, people.people_of_marriage, "spouse_1"),
    EventType("marriage.dissolved", MarriageDissolved, CIVIL, people.people_of_marriage, "spouse_1"),
    EventType("migration.departed", MigrationDeparted, SECURITY, people.only_person, "person"),
    EventType("migration.arrived", MigrationArrived, SECURITY, people.only_person, "person"),
    EventType("residence.registered", ResidenceRegistered, SECURITY, people.only_person, "person"),
    EventType("residence.ended", ResidenceEnded, SECURITY, people.only_person, "person"),
    EventType("identity.changed", IdentityChanged, SECURITY, people.person_who_changed, "person"),
    EventType("death.certified", DeathCertified, HEALTH | SECURITY | CIVIL, people.only_person, "person"),
    EventType("adoption.registered", AdoptionRegistered, CIVIL, people.people_of_adoption, "child"),
    EventType("dwelling.registered", DwellingRegistered, HOUSING, people.occupants, "occupant_1"),
    EventType("tenancy.registered", TenancyRegistered, HOUSING, people.occupants, "occupant_1"),
    EventType("tenancy.ended", TenancyEnded, HOUSING, people.occupants, "occupant_1"),
    EventType("enrolment.registered", EnrolmentRegistered, EDUCATION, people.enrolled_child, "child"),
    EventType("enrolment.ended", EnrolmentEnded, EDUCATION, people.enrolled_child, "child"),
    EventType("insurance.enrolled", InsuranceEnrolled, WORK, people.only_person, "person"),
    EventType("insurance.ended", InsuranceEnded, WORK, people.only_person, "person"),
    EventType("business.registered", BusinessRegistered, TRADE, people.only_person, "person"),
    EventType("business.closed", BusinessClosed, TRADE, people.only_person, "person"),
    EventType("entitlement.granted", EntitlementGranted, FAMILY, people.only_person, "person"),
    EventType("entitlement.ended", EntitlementEnded, FAMILY, people.only_person, "person"),
    EventType("payment.made", PaymentMade, FINANCE, people.only_person, "person"),
)
CATALOGUE: Mapping[str, EventType] = {entry.type: entry for entry in TYPES}
ADAPTERS: Mapping[str, TypeAdapter[Payload]] = {entry.type: TypeAdapter(entry.model) for entry in TYPES}
LATEST: Mapping[str, str] = {entry.name: entry.type for entry in sorted(TYPES, key=lambda entry: entry.version)}


def full_type(name: str) -> str:
    """Give the CloudEvents type for a type or its short form (`birth.certified`: the latest version, and
    `birth.certified.v1`: that one)."""
    if name.startswith(PREFIX) or f"{PREFIX}{name}" in CATALOGUE:
        return f"{PREFIX}{name.removeprefix(PREFIX)}"
    return LATEST.get(name, f"{PREFIX}{name}.v1")
