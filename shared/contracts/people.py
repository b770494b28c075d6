"""Whom each payload is about: source records by role. Pure; the catalogue names one of these for each type."""

from typing import Any

from shared.contracts.adoption import AdoptionRegistered
from shared.contracts.birth import BirthCertified
from shared.contracts.dwelling import DwellingRegistered, TenancyEnded, TenancyRegistered
from shared.contracts.enrolment import EnrolmentEnded, EnrolmentRegistered
from shared.contracts.identity import IdentityChanged
from shared.contracts.marriage import Couple
from shared.contracts.values import Identifier, Person

Roles = dict[str, Person]


def only_person(data: Any) -> Roles:
    """The events about one person."""
    return {"person": data.person}


def people_of_birth(data: BirthCertified) -> Roles:
    """The child stands for itself by its certificate number; an unnamed child has an empty name until it is named."""
    certificate = Identifier(type="birth-certificate-number", value=data.certificate_number)
    child = Person.model_construct(
        identifiers=[certificate], name=data.child.name or "", sex=data.child.sex, birth_date=data.child.birth_date
    )
    father = {"father": data.father} if data.father else {}
    return {"child": child, "mother": data.mother, **father}


def people_of_marriage(data: Couple) -> Roles:
    """Two equal spouses."""
    return {"spouse_1": data.spouses[0], "spouse_2": data.spouses[1]}


def people_of_adoption(data: AdoptionRegistered) -> Roles:
    """The child, then the adopters in the order given."""
    return {"child": data.child} | {f"adopter_{n}": adopter for n, adopter in enumerate(data.adopters, start=1)}


def person_who_changed(data: IdentityChanged) -> Roles:
    """One person under the numbers before and after, described as they are from now on."""
    known = data.person.identifiers
    added = [each for each in data.becomes.identifiers or () if each not in known]
    changed = Person.model_construct(
        identifiers=[*known, *added],
        name=data.becomes.name,
        sex=data.becomes.sex,
        birth_date=data.becomes.birth_date,
    )
    return {"person": changed}


def occupants(data: DwellingRegistered | TenancyRegistered | TenancyEnded) -> Roles:
    """Those who live there, in the order given; a dwelling may be registered before anyone does."""
    return {f"occupant_{n}": each for n, each in enumerate(data.occupants or (), start=1)}


def enrolled_child(data: EnrolmentRegistered | EnrolmentEnded) -> Roles:
    """The child alone: a school knows the parents from the parents."""
    return {"child": data.child}
