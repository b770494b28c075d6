"""Facts: what one vital event says about one person, immutable, and how they are built and written.

Other people stand in a fact only as *mentions* (event source, event id, role), never as person ids: merging or
splitting people re-points links and leaves every fact as it was.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

import msgspec

from shared.contracts.adoption import AdoptionRegistered
from shared.contracts.catalogue import CATALOGUE, full_type
from shared.contracts.envelope import CloudEvent
from shared.contracts.identity import IdentityChanged
from shared.contracts.values import Household, Identifier, Payload, Person, Sex

EventKey: TypeAlias = tuple[str, str]
"""Source and id of a vital event, as its reporter gave them."""
Mention: TypeAlias = tuple[str, str, str]
"""A source record: the event's source and id, and the role in which it mentions the person."""

RESIDENT_NUMBER = "resident-identity-number"
UNIQUE_WITHOUT_ISSUER = frozenset({RESIDENT_NUMBER, "birth-certificate-number"})
"""Numbers of one national series: an issuer that one reporter states and another omits must not part them."""


class NamedNumber(msgspec.Struct, frozen=True, array_like=True, order=True):
    """An identifier as it is compared: type, value in capitals, issuer where it matters ("" where it does not)."""

    type: str
    value: str
    issuer: str = ""


class HouseholdEntry(msgspec.Struct, frozen=True, array_like=True):
    """The line of a household register in which the person stands."""

    number: str
    kind: str
    relation: str
    area: str


class LawfulChange(msgspec.Struct, frozen=True, array_like=True):
    """How the person was described before their identity was changed by law, and the resident number given by it.

    The body itself holds what they became, and the identifiers of both."""

    name_before: str
    birth_date_before: date
    identity_number: str | None = None


class FactBody(msgspec.Struct, frozen=True, array_like=True):
    """What the event says about this one person. Fields that the event's type does not carry stay empty.

    Written as a msgpack array: new fields go to the end, with a default, so that stored facts stay readable.
    """

    name: str
    sex: str
    birth_date: date
    identifiers: tuple[NamedNumber, ...] = ()
    certificate: str | None = None
    mother: Mention | None = None
    father: Mention | None = None
    spouse: Mention | None = None
    household: HouseholdEntry | None = None
    permit: str | None = None
    from_area: str | None = None
    to_area: str | None = None
    help_requested: bool = False
    spouse_numbers: tuple[NamedNumber, ...] = ()
    cancelled: str | None = None
    stay: str | None = None
    current_area: str | None = None
    became: LawfulChange | None = None


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """One vital event as far as it concerns one person. `type` is the short name, `time` and `recorded_at` are UTC;
    `recorded_at` is None until the registry has recorded it."""

    event_source: str
    event_id: str
    type: str
    role: str
    action: str
    effective_on: date
    time: datetime
    supersedes: EventKey | None
    recorded_at: datetime | None
    department: str
    body: FactBody

    @property
    def event(self) -> EventKey:
        """The vital event it comes from."""
        return (self.event_source, self.event_id)

    @property
    def mention(self) -> Mention:
        """The source record it is about."""
        return (self.event_source, self.event_id, self.role)


def named_number(identifier: Identifier) -> NamedNumber:
    """Give the identifier in the form in which it is compared."""
    issuer = "" if identifier.type in UNIQUE_WITHOUT_ISSUER else (identifier.issuer or "")
    return NamedNumber(identifier.type, identifier.value.upper(), issuer)


def household_entry(household: Household) -> HouseholdEntry:
    """Give the register line of a payload's household."""
    return HouseholdEntry(household.number, household.kind, household.relation, household.area)


def facts_of(
    name: str, envelope: CloudEvent, data: Payload, *, recorded_at: datetime | None, department: str
) -> dict[str, Fact]:
    """Build one fact per person whom a judged vital event mentions, by role. `name` is its type, short or full."""
    entry = CATALOGUE[full_type(name)]
    people = entry.people(data)
    about = event_itself(name, envelope, data, recorded_at=recorded_at, department=department)
    mentions = {role: (*about.event, role) for role in people}
    say = SAYINGS[entry.name]
    return {
        role: msgspec.structs.replace(
            about,
            role=role,
            body=FactBody(
                name=person.name,
                sex=str(person.sex),
                birth_date=person.birth_date,
                identifiers=tuple(sorted({named_number(identifier) for identifier in person.identifiers})),
                **say(role, data, mentions),
            ),
        )
        for role, person in people.items()
    }


def event_itself(
    name: str, envelope: CloudEvent, data: Payload, *, recorded_at: datetime | None, department: str
) -> Fact:
    """What all facts of one event share, about nobody (role ""): all there is of an event that mentions no person."""
    return Fact(
        event_source=envelope.source,
        event_id=envelope.id,
        type=CATALOGUE[full_type(name)].name,
        role="",
        action=data.action,
        effective_on=data.effective_on,
        time=envelope.time,
        supersedes=(data.supersedes.source, data.supersedes.id) if data.supersedes else None,
        recorded_at=recorded_at,
        department=department,
        body=FactBody(name="", sex=Sex.UNKNOWN, birth_date=data.effective_on),
    )


Said: TypeAlias = Mapping[str, Any]
Saying: TypeAlias = Callable[[str, Any, Mapping[str, Mention]], Said]


def said_of_birth(role: str, data: Any, mentions: Mapping[str, Mention]) -> Said:
    """The child has parents and may need help. Nothing of it stands with the parents: no list of births grows."""
    if role != "child":
        return {}
    return {
        "certificate": data.certificate_number,
        "mother": mentions["mother"],
        "father": mentions.get("father"),
        "help_requested": data.help_requested,
    }


def said_of_adoption(role: str, data: AdoptionRegistered, mentions: Mapping[str, Mention]) -> Said:
    """The child's parents are the adopters from now on."""
    if role != "child":
        return {}
    mother, father = places_of_adopters(data.adopters)
    return {
        "certificate": data.certificate_number,
        "mother": mentions[f"adopter_{mother}"] if mother else None,
        "father": mentions[f"adopter_{father}"] if father else None,
    }


def places_of_adopters(adopters: list[Person]) -> tuple[int | None, int | None]:
    """Which adopter (1, 2) stands as mother and as father: by sex, and who fits neither takes the place left free."""
    places: dict[Sex, int] = {}
    left = []
    for number, adopter in enumerate(adopters, start=1):
        if adopter.sex in (Sex.FEMALE, Sex.MALE) and adopter.sex not in places:
            places[adopter.sex] = number
        else:
            left.append(number)
    for number in left:
        places[Sex.FEMALE if Sex.FEMALE not in places else Sex.MALE] = number
    return places.get(Sex.FEMALE), places.get(Sex.MALE)


def said_of_marriage(role: str, data: Any, mentions: Mapping[str, Mention]) -> Said:
    """Each spouse is married to the other, or is so no longer. A marriage and its end meet by the spouse's numbers."""
    other = "spouse_2" if role == "spouse_1" else "spouse_1"
    numbers = data.spouses[int(other[-1]) - 1].identifiers
    return {
        "certificate": data.certificate_number,
        "spouse": mentions[other],
        "spouse_numbers": tuple(sorted({named_number(identifier) for identifier in numbers})),
    }


def said_of_household(role: str, data: Any, mentions: Mapping[str, Mention]) -> Said:
    """The person stands in a household's register."""
    return {"household": household_entry(data.household)}


def said_of_cancellation(role: str, data: Any, mentions: Mapping[str, Mention]) -> Said:
    """The person stands in that household's register no longer."""
    return {"cancelled": data.household_number}


def said_of_stay(role: str, data: Any, mentions: Mapping[str, Mention]) -> Said:
    """The person lives elsewhere for a while; only the beginning says where."""
    current = getattr(data, "current", None)
    return {"stay": data.registration_number, "current_area": current.area if current else None}


def said_of_identity(role: str, data: IdentityChanged, mentions: Mapping[str, Mention]) -> Said:
    """What the person was before, and the resident number that stands from now on."""
    given = [each.value.upper() for each in data.becomes.identifiers or () if each.type == RESIDENT_NUMBER]
    change = LawfulChange(data.person.name, data.person.birth_date, given[0] if given else None)
    return {"certificate": data.decision_number, "became": change}


def said_of_identity_only(role: str, data: Payload, mentions: Mapping[str, Mention]) -> Said:
    """A source record of the person and nothing more: what the event grants, teaches or pays is its reporter's own."""
    return {}


def said_of_move(role: str, data: Any, mentions: Mapping[str, Mention]) -> Said:
    """One half of a move; only the arrival names a household."""
    said = {"permit": data.permit_number, "from_area": data.from_area, "to_area": data.to_area}
    household = getattr(data, "household", None)
    return said | ({"household": household_entry(household)} if household else {})


def said_of_death(role: str, data: Any, mentions: Mapping[str, Mention]) -> Said:
    """The date of death is the day on which the fact takes effect."""
    return {"certificate": data.certificate_number}


SAYINGS: Mapping[str, Saying] = {
    "birth.certified": said_of_birth,
    "adoption.registered": said_of_adoption,
    "marriage.registered": said_of_marriage,
    "marriage.dissolved": said_of_marriage,
    "household.registered": said_of_household,
    "household.cancelled": said_of_cancellation,
    "migration.departed": said_of_move,
    "migration.arrived": said_of_move,
    "residence.registered": said_of_stay,
    "residence.ended": said_of_stay,
    "identity.changed": said_of_identity,
    "death.certified": said_of_death,
    "dwelling.registered": said_of_identity_only,
    "tenancy.registered": said_of_identity_only,
    "tenancy.ended": said_of_identity_only,
    "enrolment.registered": said_of_identity_only,
    "enrolment.ended": said_of_identity_only,
    "insurance.enrolled": said_of_identity_only,
    "insurance.ended": said_of_identity_only,
    "business.registered": said_of_identity_only,
    "business.closed": said_of_identity_only,
    "entitlement.granted": said_of_identity_only,
    "entitlement.ended": said_of_identity_only,
    "payment.made": said_of_identity_only,
}

encode = msgspec.msgpack.Encoder().encode
"""Write a fact, a body or a state as msgpack."""
decode_body = msgspec.msgpack.Decoder(FactBody).decode
"""Read a body back. Raises msgspec.DecodeError."""
decode_fact = msgspec.msgpack.Decoder(Fact).decode
"""Read a whole fact back. Raises msgspec.DecodeError."""
