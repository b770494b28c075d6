"""Shape what departments report: the envelope and the values of the payloads. The county knows no pydantic model: it
stands on the other side of the wire, and the tests hold it to the contract."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Literal

from deploy.tenfold.county.values import Department, Relation, Resident

TypeName = Literal[
    "household.registered",
    "birth.certified",
    "marriage.registered",
    "migration.departed",
    "migration.arrived",
    "death.certified",
    "adoption.registered",
    "household.cancelled",
    "marriage.dissolved",
    "residence.registered",
    "residence.ended",
    "identity.changed",
    "dwelling.registered",
    "tenancy.registered",
    "tenancy.ended",
    "enrolment.registered",
    "enrolment.ended",
    "insurance.enrolled",
    "insurance.ended",
    "business.registered",
    "business.closed",
    "entitlement.granted",
    "entitlement.ended",
    "payment.made",
]
Json = dict[str, object]

SYSTEMS: Mapping[Department, str] = {
    "public-security": "household-register",
    "health": "vital-certificates",
    "civil-affairs": "civil-register",
    "housing": "dwelling-register",
    "education": "school-roll",
    "human-resources": "social-insurance",
    "market-supervision": "business-register",
    "population-family": "childcare-subsidy",
    "finance": "subsidy-payments",
}
SHORT: Mapping[TypeName, str] = {
    "household.registered": "hr",
    "birth.certified": "bc",
    "marriage.registered": "mr",
    "migration.departed": "md",
    "migration.arrived": "ma",
    "death.certified": "dc",
    "adoption.registered": "ar",
    "household.cancelled": "hc",
    "marriage.dissolved": "mx",
    "residence.registered": "rr",
    "residence.ended": "re",
    "identity.changed": "ic",
    "dwelling.registered": "dr",
    "tenancy.registered": "tr",
    "tenancy.ended": "te",
    "enrolment.registered": "er",
    "enrolment.ended": "ee",
    "insurance.enrolled": "ie",
    "insurance.ended": "ix",
    "business.registered": "br",
    "business.closed": "bx",
    "entitlement.granted": "eg",
    "entitlement.ended": "ex",
    "payment.made": "pm",
}
"""What the ids and record numbers of each type begin with."""
REPORTER: Mapping[TypeName, Department] = {
    "household.registered": "public-security",
    "birth.certified": "health",
    "marriage.registered": "civil-affairs",
    "migration.departed": "public-security",
    "migration.arrived": "public-security",
    "death.certified": "health",
    "adoption.registered": "civil-affairs",
    "household.cancelled": "public-security",
    "marriage.dissolved": "civil-affairs",
    "residence.registered": "public-security",
    "residence.ended": "public-security",
    "identity.changed": "public-security",
    "dwelling.registered": "housing",
    "tenancy.registered": "housing",
    "tenancy.ended": "housing",
    "enrolment.registered": "education",
    "enrolment.ended": "education",
    "insurance.enrolled": "human-resources",
    "insurance.ended": "human-resources",
    "business.registered": "market-supervision",
    "business.closed": "market-supervision",
    "entitlement.granted": "population-family",
    "entitlement.ended": "population-family",
    "payment.made": "finance",
}
"""Who reports each type when the story does not say otherwise."""


def source(department: Department) -> str:
    """The URN of the department's reporting system."""
    return f"urn:tenfold:{department}:{SYSTEMS[department]}"


def cloud_event(
    type_name: TypeName, department: Department, event_id: str, subject: str, time: datetime, data: Json
) -> Json:
    """The CloudEvent in its JSON form; `time` in UTC to the second."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source(department),
        "type": f"cn.tenfold.{type_name}.v1",
        "subject": subject,
        "time": f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "datacontenttype": "application/json",
        "data": data,
    }


def created(effective_on: date, **fields: object) -> Json:
    """The data of an event that says something new."""
    return {"action": "created", "effective_on": effective_on.isoformat(), **fields}


def identity(number: str) -> Json:
    """A resident identity number as an identifier."""
    return {"type": "resident-identity-number", "value": number}


def certificate(number: str) -> Json:
    """A birth certificate number as an identifier: all that a newborn has."""
    return {"type": "birth-certificate-number", "value": number}


def person(name: str, sex: str, birth_date: date, *identifiers: Json) -> Json:
    """A source record."""
    return {"identifiers": list(identifiers), "name": name, "sex": sex, "birth_date": birth_date.isoformat()}


def resident(who: Resident) -> Json:
    """The source record of someone in the base population."""
    return person(who.name, who.sex, who.birth_date, identity(who.identity_number))


def household(number: str, area: str, relation: Relation, kind: str = "family") -> Json:
    """Where someone is registered."""
    return {"number": number, "kind": kind, "relation": relation, "area": area}
