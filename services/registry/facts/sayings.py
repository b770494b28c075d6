"""From a judged vital event to facts: what each type says about each of the people it mentions. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeAlias

import msgspec

from services.registry.facts.values import (
    RESIDENT_NUMBER,
    Fact,
    FactBody,
    LawfulChange,
    Mention,
    household_entry,
    named_number,
)
from shared.contracts.adoption import AdoptionRegistered
from shared.contracts.catalogue import CATALOGUE, EventType, full_type
from shared.contracts.identity import IdentityChanged
from shared.contracts.values import Payload, Person, Sex


class Envelope(Protocol):
    """What facts need of a CloudEvent."""

    @property
    def source(self) -> str:
        """Whose record it is."""
        ...

    @property
    def id(self) -> str:
        """The reporter's id of the event."""
        ...

    @property
    def time(self) -> datetime:
        """When it was said, in UTC."""
        ...


def facts_of(
    name: str, envelope: Envelope, data: Payload, *, recorded_at: datetime | None, department: str
) -> dict[str, Fact]:
    """Build one fact per person whom a judged vital event mentions, by role. `name` is its type, short or full."""
    about = event_itself(name, envelope, data, recorded_at=recorded_at, department=department)
    return facts_about(about, CATALOGUE[full_type(name)], data)


def facts_about(about: Fact, entry: EventType, data: Any) -> dict[str, Fact]:
    """Build the facts of an event from what they share (`event_itself`). `data`: the payload, as a model or as read of
    what was judged (shared/contracts/judged.py)."""
    people = entry.people(data)
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


def event_itself(name: str, envelope: Envelope, data: Any, *, recorded_at: datetime | None, department: str) -> Fact:
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
    """Who adopted the child; its parents by birth stay known beside them."""
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
