"""One valid CloudEvent of each type about people of the county whom no month touches."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

from deploy.tenfold.county import names
from deploy.tenfold.county.cloudevents import (
    REPORTER,
    SHORT,
    Json,
    TypeName,
    cloud_event,
    created,
    household,
    resident,
    source,
)
from deploy.tenfold.county.stage import Stage
from deploy.tenfold.county.values import COUNTY_AREA, County, Resident

TYPE_NAMES: tuple[TypeName, ...] = get_args(TypeName)


def example(type_name: str, county: County, today: date, event_id: str) -> Json:
    """A CloudEvent of a type (short or full name) that took effect on the eve of `today`. The same id gives the same
    CloudEvent; another id most likely other people. Raises ValueError for an unknown type, or a county without
    anyone it could be about."""
    name = type_name.removeprefix("cn.tenfold.").removesuffix(".v1")
    if name not in TYPE_NAMES:
        raise ValueError(f"no such type; there are {', '.join(TYPE_NAMES)}")
    rng = random.Random(f"tenfold-example:{county.seed}:{name}:{event_id}")
    eve = today - timedelta(days=1)
    stage = Stage(rng, county, eve)
    data = _MAKERS[name](stage)
    recorded = datetime.combine(eve, time(2), UTC) + timedelta(seconds=rng.randrange(25_000))
    return cloud_event(name, REPORTER[name], event_id, stage.paper(SHORT[name].upper()), recorded, data)


def _household_registered(stage: Stage) -> Json:
    who = stage.find(lambda who: stage.age(who) >= 18)
    home = household(stage.paper("H"), stage.county.home(who).area, "head")
    return created(stage.day, person=resident(who), household=home)


def _birth_certified(stage: Stage) -> Json:
    mother, father = stage.wife(oldest=42)
    sex = stage.rng.choice(("male", "female"))
    name = names.surname_of(father.name) + names.given_name(stage.rng, "male" if sex == "male" else "female", 2026)
    return created(
        stage.day,
        child={"name": name, "sex": sex, "birth_date": stage.day.isoformat()},
        mother=resident(mother),
        father=resident(father),
        place={"facility": stage.county.facility_for(COUNTY_AREA) or COUNTY_AREA, "area": COUNTY_AREA},
        certificate_number=stage.paper("S"),
        help_requested=True,
    )


def _marriage_registered(stage: Stage) -> Json:
    def single(sex: str, youngest: int) -> Resident:
        return stage.find(lambda who: who.sex == sex and who.spouse is None and youngest <= stage.age(who) <= 45)

    spouses = [resident(single("female", 20)), resident(single("male", 22))]
    return created(stage.day, spouses=spouses, certificate_number=stage.paper("J"))


def _move(stage: Stage) -> tuple[Resident, Json]:
    who = stage.find(lambda who: stage.age(who) >= 18)
    here = stage.county.home(who).area
    return who, {"permit_number": stage.paper("P"), "from_area": here, "to_area": stage.elsewhere(here)}


def _migration_departed(stage: Stage) -> Json:
    who, move = _move(stage)
    return created(stage.day, person=resident(who), **move)


def _migration_arrived(stage: Stage) -> Json:
    who, move = _move(stage)
    home = household(stage.paper("H"), str(move["to_area"]), "head")
    return created(stage.day, person=resident(who), **move, household=home)


def _death_certified(stage: Stage) -> Json:
    who = stage.find(lambda who: stage.age(who) >= 65)
    place = {"area": stage.county.home(who).area}
    return created(stage.day, person=resident(who), place=place, certificate_number=stage.paper("D"))


def _adoption_registered(stage: Stage) -> Json:
    wife, husband = stage.wife(oldest=60)
    child = stage.find(lambda who: stage.age(who) < 14 and who.mother not in (None, wife.index))
    adopters = [resident(wife), resident(husband)]
    return created(stage.day, child=resident(child), adopters=adopters, certificate_number=stage.paper("Y"))


def _household_cancelled(stage: Stage) -> Json:
    who = stage.find(lambda who: stage.age(who) >= 18)
    return created(stage.day, person=resident(who), household_number=stage.county.home(who).number)


def _marriage_dissolved(stage: Stage) -> Json:
    spouses = [resident(each) for each in stage.wife(oldest=60)]
    return created(stage.day, spouses=spouses, certificate_number=stage.paper("L"))


def _residence_registered(stage: Stage) -> Json:
    who = stage.find(lambda who: stage.age(who) >= 18)
    current = {"area": stage.elsewhere(stage.county.home(who).area), "address": f"{stage.rng.randrange(1, 200)}号"}
    until = (stage.day + timedelta(days=365)).isoformat()
    return created(
        stage.day,
        person=resident(who),
        registration_number=stage.paper("R"),
        current=current,
        expected_until=until,
    )


def _residence_ended(stage: Stage) -> Json:
    who = stage.find(lambda who: stage.age(who) >= 18)
    return created(stage.day, person=resident(who), registration_number=stage.paper("R"))


def _identity_changed(stage: Stage) -> Json:
    who = stage.find(lambda who: stage.age(who) >= 18)
    name = names.surname_of(who.name) + names.given_name(stage.rng, who.sex, who.birth_date.year)
    becomes = {"name": name, "sex": who.sex, "birth_date": who.birth_date.isoformat()}
    return created(stage.day, person=resident(who), becomes=becomes, decision_number=stage.paper("I"))


def _dwelling(stage: Stage) -> Json:
    """A family's dwelling and up to four of those who live in it."""
    who = stage.find(lambda who: stage.age(who) >= 18)
    home = stage.county.home(who)
    occupants = [who, *(stage.county.people[member] for member in home.members if member != who.index)][:4]
    return {
        "dwelling": {"number": stage.paper("F"), "area": home.area},
        "occupants": [resident(each) for each in occupants],
    }


def _dwelling_registered(stage: Stage) -> Json:
    return created(stage.day, **_dwelling(stage))


def _tenancy(stage: Stage) -> Json:
    return created(stage.day, contract_number=stage.paper("T"), **_dwelling(stage))


def _enrolment(stage: Stage) -> Json:
    child = stage.find(lambda who: 3 <= stage.age(who) < 18)
    area = stage.county.home(child).area
    return created(stage.day, child=resident(child), school={"number": f"S-{area[:6]}-01", "area": area[:6]})


def _insurance(stage: Stage) -> Json:
    who = stage.find(lambda who: 18 <= stage.age(who) < 60)
    return created(stage.day, person=resident(who), scheme="basic-medical-employees")


def _business(stage: Stage) -> Json:
    who = stage.find(lambda who: 18 <= stage.age(who) < 70)
    business = {"number": stage.paper("B"), "area": stage.county.home(who).area}
    return created(stage.day, person=resident(who), business=business)


def _entitled(stage: Stage) -> tuple[Resident, str]:
    """A child under three, or, where none is reserved, an older person; and the scheme of each."""
    if (child := stage.reserved(lambda who: stage.age(who) < 3)) is not None:
        return child, "childcare-subsidy"
    return stage.find(lambda who: stage.age(who) >= 65), "elder-care-subsidy"


def _entitlement(stage: Stage) -> Json:
    who, scheme = _entitled(stage)
    return created(stage.day, person=resident(who), scheme=scheme)


def _payment_made(stage: Stage) -> Json:
    who, _ = _entitled(stage)
    first = date(stage.day.year, 1, 1)
    return created(
        stage.day,
        person=resident(who),
        entitlement={"source": source("population-family"), "id": f"eg-{stage.rng.randrange(16**8):08x}"},
        period={"from": first.isoformat(), "until": date(stage.day.year, 12, 31).isoformat()},
        amount="3600.00",
    )


_MAKERS: Mapping[TypeName, Callable[[Stage], Json]] = {
    "household.registered": _household_registered,
    "birth.certified": _birth_certified,
    "marriage.registered": _marriage_registered,
    "migration.departed": _migration_departed,
    "migration.arrived": _migration_arrived,
    "death.certified": _death_certified,
    "adoption.registered": _adoption_registered,
    "household.cancelled": _household_cancelled,
    "marriage.dissolved": _marriage_dissolved,
    "residence.registered": _residence_registered,
    "residence.ended": _residence_ended,
    "identity.changed": _identity_changed,
    "dwelling.registered": _dwelling_registered,
    "tenancy.registered": _tenancy,
    "tenancy.ended": _tenancy,
    "enrolment.registered": _enrolment,
    "enrolment.ended": _enrolment,
    "insurance.enrolled": _insurance,
    "insurance.ended": _insurance,
    "business.registered": _business,
    "business.closed": _business,
    "entitlement.granted": _entitlement,
    "entitlement.ended": _entitlement,
    "payment.made": _payment_made,
}
