"""A month hangs together: what is said of somebody fits who they are and what was said before, whatever the seed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.tenfold.county import County, generate, plan
from deploy.tenfold.county.mentions import key_of, mentioned
from deploy.tenfold.county.pyramid import age_on
from deploy.tenfold.county.values import Resident
from shared.settings import PROVISIONING
from shared.sharing.schemes import Schemes

TODAY = date(2026, 3, 1)
Event = Mapping[str, Any]
SCHEMES = Schemes.load(PROVISIONING).by_kind()
BEGINS = {
    "tenancy.ended": ("tenancy.registered", "contract_number"),
    "residence.ended": ("residence.registered", "registration_number"),
    "enrolment.ended": ("enrolment.registered", "child"),
    "insurance.ended": ("insurance.enrolled", "person"),
    "entitlement.ended": ("entitlement.granted", "person"),
    "business.closed": ("business.registered", "person"),
}


class Told:
    """A month, as its reports that still count say it, without those that are mistakes."""

    def __init__(self, people: int, seed: int, days: int = 30) -> None:
        self.county: County = generate(people, seed)
        planned = plan(self.county, days, TODAY)
        wrong = {key for mistake in planned.mistakes for key in mistake.reports}
        everything: list[Event] = [dict(report.cloud_event) for report in planned.reports]
        events = [event for event in everything if key_of(event) not in wrong]
        replaced = {key_of(each["data"]["supersedes"]) for each in events if "supersedes" in each["data"]}
        self.every = events
        self.living = [e for e in events if e["data"]["action"] != "annulled" and key_of(e) not in replaced]
        self.known = {who.identity_number: who for who in self.county.people}

    def of(self, *names: str) -> Iterator[Event]:
        """Living reports of these types."""
        types = {f"cn.tenfold.{name}.v1" for name in names}
        return (event for event in self.living if event["type"] in types)

    def who(self, said: Event) -> Resident | None:
        """The person of the base population that a source record means."""
        return self.known.get(said["identifiers"][0]["value"])

    def age(self, said: Event) -> int:
        return age_on(date.fromisoformat(said["birth_date"]), TODAY)


months = st.builds(Told, people=st.sampled_from([120, 700, 1_500]), seed=st.integers(0, 2**32))


@settings(max_examples=8, deadline=None)
@given(month=months)
def test_nobody_plays_in_two_stories(month: Told) -> None:
    """Who plays in one is seen by the departments of that one only; a parent of a newborn is not what it is about."""
    stories: dict[str, set[str]] = defaultdict(set)
    for event in month.every:
        for role, said in mentioned(event).items():
            if (who := month.who(said)) and role not in ("mother", "father"):
                stories[who.identity_number].add(event["type"].split(".")[2])
    together = [{"dwelling", "tenancy"}, {"entitlement", "payment"}]
    assert all(len(told) == 1 or told in together for told in stories.values())


@settings(max_examples=8, deadline=None)
@given(month=months)
def test_nobody_does_anything_after_death(month: Told) -> None:
    died = {
        event["data"]["person"]["identifiers"][0]["value"]: event["data"]["effective_on"]
        for event in month.of("death.certified")
    }
    assert died
    for event in month.living:
        if event["type"] == "cn.tenfold.death.certified.v1":
            continue
        for said in mentioned(event).values():
            day = died.get(said["identifiers"][0]["value"])
            assert day is None or event["data"]["effective_on"] <= day, event["type"]


@settings(max_examples=8, deadline=None)
@given(month=months)
def test_what_ends_has_begun_and_a_tenancy_has_a_dwelling(month: Told) -> None:
    for name, (begun, by) in BEGINS.items():
        begins = {str(e["data"][by]): e["data"]["effective_on"] for e in month.of(begun)}
        for event in month.of(name):
            assert begins[str(event["data"][by])] <= event["data"]["effective_on"], name
    dwellings = {e["data"]["dwelling"]["number"]: e["data"] for e in month.of("dwelling.registered")}
    for event in month.of("tenancy.registered"):
        dwelling = dwellings[event["data"]["dwelling"]["number"]]
        assert dwelling["dwelling"] == event["data"]["dwelling"]
        assert dwelling["effective_on"] < event["data"]["effective_on"]


@settings(max_examples=8, deadline=None)
@given(month=months)
def test_schools_shops_and_dwellings_lie_where_the_people_live(month: Told) -> None:
    for event in month.of("enrolment.registered", "business.registered", "dwelling.registered"):
        data = event["data"]
        place = data.get("school") or data.get("business") or data["dwelling"]
        for said in mentioned(event).values():
            who = month.who(said)
            assert who is not None
            home = month.county.home(who).area
            if event["type"] == "cn.tenfold.enrolment.registered.v1":
                assert place == {"number": f"S{home[:9]}", "area": f"{home[:9]}000"}
                assert 6 <= month.age(said) <= 17
            elif "business" in data:
                assert month.age(said) >= 18
                assert place["area"] in month.county.communities
            else:
                assert place["area"][:9] == home[:9]


@settings(max_examples=8, deadline=None)
@given(month=months)
def test_entitlements_fit_the_age_that_their_scheme_names_and_payments_follow_them(month: Told) -> None:
    granted = {key_of(e): e for e in month.every if e["type"] == "cn.tenfold.entitlement.granted.v1"}
    for event in month.of("entitlement.granted"):
        data, born = event["data"], date.fromisoformat(event["data"]["person"]["birth_date"])
        assert data["scheme"] in SCHEMES["entitlement"]
        if data["scheme"] == "childcare-subsidy":
            until = date.fromisoformat(data["until"]) + timedelta(days=1)
            assert (until.year - born.year, until.month) == (3, born.month)
            assert until > TODAY
        else:
            assert month.age(data["person"]) >= 60
    for event in month.of("insurance.enrolled"):
        assert event["data"]["scheme"] in SCHEMES["insurance"]
        assert event["data"]["scheme"] == "basic-medical-residents" or 18 <= month.age(event["data"]["person"]) < 60
    for event in month.of("payment.made"):
        grant = granted[key_of(event["data"]["entitlement"])]
        assert grant["data"]["person"] == event["data"]["person"]
        assert grant["data"]["effective_on"] < event["data"]["effective_on"]


@settings(max_examples=8, deadline=None)
@given(month=months)
def test_who_divorces_was_married_and_who_is_struck_out_stood_in_that_household(month: Told) -> None:
    for event in month.of("marriage.dissolved"):
        one, other = (month.who(said) for said in event["data"]["spouses"])
        assert one is not None
        assert other is not None
        assert one.spouse == other.index
    for event in month.of("household.cancelled"):
        who = month.who(event["data"]["person"])
        assert who is not None
        assert month.county.home(who).number == event["data"]["household_number"]


@pytest.mark.parametrize("days", [7, 8, 12])
def test_a_short_month_hangs_together_too(days: int) -> None:
    month = Told(700, 3, days)
    assert all((e["data"]["effective_on"] <= e["time"][:10]) for e in month.every)
    assert len({key_of(event) for event in month.every}) == len(month.every)
