"""A month of reports: valid, about people who exist, in the past, and with consequences counted from the plan."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.tenfold.county import County, MonthPlan, expectations, generate, month, plan, registrations
from deploy.tenfold.county.population import build
from deploy.tenfold.county.values import REFERENCE
from services.registry.contradictions.values import KINDS
from shared.auth.caller import DEPARTMENTS
from shared.contracts.catalogue import CATALOGUE, full_type
from shared.contracts.judge import judge
from shared.identifiers.resident import parse

TODAY = date(2026, 3, 1)
DAYS = 30
Event = dict[str, Any]


@pytest.fixture(scope="module")
def county() -> County:
    return generate(4_000, seed=11)


@pytest.fixture(scope="module")
def planned(county: County) -> MonthPlan:
    return plan(county, DAYS, TODAY)


@pytest.fixture(scope="module")
def events(planned: MonthPlan) -> list[Event]:
    """All but the mistakes, of which some cannot be true."""
    wrong = {key for mistake in planned.mistakes for key in mistake.reports}
    events: list[Event] = [dict(report.cloud_event) for report in planned.reports]
    return [event for event in events if (event["source"], event["id"]) not in wrong]


def _of(events: list[Event], name: str) -> list[Event]:
    return [event for event in events if event["type"] == f"cn.tenfold.{name}.v1"]


def _effective(events: list[Event]) -> list[Event]:
    """What is left when corrections and annulments have replaced what they name."""
    replaced = {json.dumps(event["data"]["supersedes"]) for event in events if event["data"].get("supersedes")}
    return [
        event
        for event in events
        if json.dumps({"source": event["source"], "id": event["id"]}) not in replaced
        and event["data"]["action"] != "annulled"
    ]


def _people(data: Event) -> list[Event]:
    several = [*data.get("spouses", []), *data.get("adopters", []), *data.get("occupants", [])]
    child = data.get("child") or {}
    single = [data.get("person"), data.get("mother"), data.get("father"), child if "identifiers" in child else None]
    return [*several, *(each for each in single if each)]


def _number(person: Event) -> str | None:
    return next((i["value"] for i in person["identifiers"] if i["type"] == "resident-identity-number"), None)


def _enters_newborn(event: Event) -> bool:
    papers = [each["type"] for each in (event["data"].get("person") or {"identifiers": []})["identifiers"]]
    return "birth-certificate-number" in papers


def test_every_report_keeps_the_contract(planned: MonthPlan) -> None:
    for report in planned.reports:
        assert judge(report.cloud_event, report.department).envelope.id


def test_all_types_are_reported_by_all_nine_departments_and_corrected_and_annulled_in_many() -> None:
    """Statistics reports nothing about anybody."""
    reports = month(generate(10_000), DAYS, TODAY)
    assert {report.cloud_event["type"] for report in reports} == set(CATALOGUE)
    assert {report.department for report in reports} == DEPARTMENTS - {"statistics"}
    everything: list[Event] = [dict(report.cloud_event) for report in reports]
    told = {(event["data"]["action"], event["type"]) for event in everything}
    for action, types in Counter(action for action, _ in told).items():
        assert types == len(CATALOGUE) if action == "created" else types >= 9, action
    deaths = {r.department for r in reports if r.cloud_event["type"] == full_type("death.certified")}
    assert deaths == {"health", "public-security", "civil-affairs"}


def test_ids_are_new_and_record_numbers_tell_nothing(county: County, events: list[Event]) -> None:
    loaded = {(r.cloud_event["source"], r.cloud_event["id"]) for r in registrations(county)}
    ids = [(event["source"], event["id"]) for event in events]
    assert len(set(ids)) == len(ids)
    assert not loaded & set(ids)
    numbers = county.identity_numbers
    assert not any(number in json.dumps({**event, "data": None}) for event in events[:50] for number in numbers)


def test_everything_was_recorded_within_the_month_and_nothing_takes_effect_later(events: list[Event]) -> None:
    first = datetime.combine(TODAY - timedelta(days=DAYS), datetime.min.time(), UTC) - timedelta(hours=8)
    last = datetime.combine(TODAY, datetime.min.time(), UTC) - timedelta(hours=8)
    for event in events:
        assert event["time"].endswith("Z")
        assert first <= datetime.fromisoformat(event["time"]) < last
        assert date.fromisoformat(event["data"]["effective_on"]) <= datetime.fromisoformat(event["time"]).date()


def test_everyone_exists_and_is_named_as_registered_except_the_doubtful_one(
    county: County, events: list[Event]
) -> None:
    known = {who.identity_number: who for who in county.people}
    doubtful, new = [], set()
    for event in events:
        for person in _people(event["data"]):
            number = _number(person)
            who = known.get(number or "")
            if who is None:
                assert number is None or event["type"].split(".")[2] in ("household", "migration", "residence")
                new.add(number)
            elif (person["name"], person["birth_date"]) != (who.name, who.birth_date.isoformat()):
                doubtful.append((person, who))
    assert all(parse(number, today=TODAY) for number in new if number)
    ((person, who),) = doubtful
    assert person["name"] != who.name
    assert person["birth_date"] != who.birth_date.isoformat()


def test_a_mistake_is_about_one_person_and_names_each_of_its_reports(planned: MonthPlan) -> None:
    told = {(report.cloud_event["source"], report.cloud_event["id"]): report for report in planned.reports}
    assert {mistake.kind for mistake in planned.mistakes} == KINDS.keys() - {"deaths-differ"}
    assert {mistake.kind for mistake in planned.mistakes if mistake.decided} == {"two-living-numbers"}
    for mistake in planned.mistakes:
        said: dict[tuple[str, str], Event] = {key: dict(told[key].cloud_event) for key in mistake.reports}
        reports = {key: event for key, event in said.items() if not _enters_newborn(event)}
        people = [{_number(person) for person in _people(event["data"])} for event in reports.values()]
        both = mistake.kind == "parent-under-ten"  # one certificate names mother and boy
        assert len(set.intersection(*people)) == 1 + both
        assert {told[key].department for key in reports} <= {side for side, _ in mistake.sides}
        assert len(said) - len(reports) == (mistake.role == "child")
        assert mistake.report in mistake.reports


def test_nobody_of_a_reserved_household_appears(county: County, events: list[Event]) -> None:
    kept = {
        county.people[member].identity_number for home in county.households if home.reserved for member in home.members
    }
    assert kept
    assert not kept & {_number(person) for event in events for person in _people(event["data"])}


def test_newborns_are_registered_with_both_identifiers(events: list[Event]) -> None:
    certificates = {event["data"]["certificate_number"]: event for event in _of(events, "birth.certified")}
    linked = 0
    for event in _of(events, "household.registered"):
        person = event["data"]["person"]
        by_type = {identifier["type"]: identifier["value"] for identifier in person["identifiers"]}
        if "birth-certificate-number" not in by_type:
            continue
        linked += 1
        child = certificates[by_type["birth-certificate-number"]]["data"]["child"]
        assert (child["sex"], child["birth_date"]) == (person["sex"], person["birth_date"])
        assert child["name"] in (None, person["name"])
        assert parse(by_type["resident-identity-number"], today=TODAY).sex == person["sex"]
    assert linked >= 5


def test_mothers_are_of_an_age_to_be(events: list[Event]) -> None:
    for event in _of(events, "birth.certified"):
        born = date.fromisoformat(event["data"]["mother"]["birth_date"])
        assert event["data"]["mother"]["sex"] == "female"
        assert 19 * 365 < (TODAY - born).days < 44 * 366


def test_twins_share_mother_and_day_but_no_certificate(events: list[Event]) -> None:
    certified = [e for e in _of(events, "birth.certified") if e["data"]["action"] == "created"]
    births = Counter((_number(e["data"]["mother"]), e["data"]["effective_on"]) for e in certified)
    assert sorted(births.values())[-2:] == [1, 2]
    assert len({e["data"]["certificate_number"] for e in certified}) == len(certified)


def test_the_halves_of_a_move_share_their_permit_and_some_are_still_open(events: list[Event]) -> None:
    halves: dict[str, list[Event]] = defaultdict(list)
    for event in _effective(events):
        if event["type"].startswith("cn.tenfold.migration."):
            halves[event["data"]["permit_number"]].append(event)
    both = [pair for pair in halves.values() if len(pair) == 2]
    assert len(both) >= 3
    for departed, arrived in both:
        assert (departed["type"], arrived["type"]) == (
            "cn.tenfold.migration.departed.v1",
            "cn.tenfold.migration.arrived.v1",
        )
        assert departed["data"]["person"] == arrived["data"]["person"]
        assert departed["data"]["to_area"] == arrived["data"]["to_area"] == arrived["data"]["household"]["area"]
        assert departed["data"]["effective_on"] <= arrived["data"]["effective_on"]
    open_halves = [event for pair in halves.values() if len(pair) == 1 for event in pair]
    within = [e for e in open_halves if e["data"]["to_area"].startswith("370102") and "departed" in e["type"]]
    assert len(within) == 1


def test_corrections_name_what_they_replace_and_one_arrives_first(events: list[Event]) -> None:
    place = {(event["source"], event["id"]): at for at, event in enumerate(events)}
    early = 0
    for at, event in enumerate(events):
        named = event["data"].get("supersedes")
        assert (named is None) == (event["data"]["action"] == "created")
        if named:
            original = events[place[named["source"], named["id"]]]
            assert (original["type"], original["subject"]) == (event["type"], event["subject"])
            assert original["time"] < event["time"]
            early += place[named["source"], named["id"]] > at
    assert early == 1
    assert {event["data"]["action"] for event in events} == {"created", "corrected", "annulled"}


def test_some_deaths_are_reported_twice_and_once_with_another_date(events: list[Event]) -> None:
    deaths: dict[str | None, set[tuple[str, str]]] = defaultdict(set)
    for event in _effective(_of(events, "death.certified")):
        deaths[_number(event["data"]["person"])].add((event["source"], event["data"]["effective_on"]))
    twice = [reports for number, reports in deaths.items() if number and len(reports) == 2]
    assert sorted(len({day for _, day in reports}) for reports in twice) == [1, 2]
    assert all(len({source for source, _ in reports}) == 2 for reports in twice)


def test_open_help_is_what_a_reader_of_the_reports_alone_would_count(
    county: County, planned: MonthPlan, events: list[Event]
) -> None:
    facts = _effective(events)
    areas = {who.identity_number: county.home(who).area for who in county.people}
    areas |= {
        _number(event["data"]["person"]) or "": event["data"]["household"]["area"]
        for event in _of(facts, "migration.arrived")
    }
    settled = {
        identifier["value"]
        for event in [*_of(facts, "household.registered"), *_of(facts, "death.certified")]
        for identifier in event["data"]["person"]["identifiers"]
        if identifier["type"] == "birth-certificate-number"
    }
    due = [
        county.facility_for(areas[_number(event["data"]["mother"]) or ""])
        for event in _of(facts, "birth.certified")
        if event["data"]["help_requested"]
        and event["data"]["certificate_number"] not in settled
        and TODAY - date.fromisoformat(event["data"]["effective_on"]) > timedelta(days=15)
    ]
    expected = expectations(planned)
    assert expected.open_help == Counter(due)
    assert sum(expected.open_help.values()) >= 4
    assert expected.reports == len(events) + sum(len(mistake.reports) for mistake in planned.mistakes)
    assert expected.held == 1


def test_no_birth_lies_near_the_day_on_which_help_becomes_due(planned: MonthPlan) -> None:
    """Otherwise a demo that runs past midnight would count differently."""
    waiting = [birth for birth in planned.births if birth.asked and not birth.registered]
    assert all(abs((TODAY - birth.born_on).days - 15) >= 3 for birth in waiting)


def test_help_follows_a_mother_who_moved(county: County, events: list[Event]) -> None:
    mothers = {_number(event["data"]["mother"]) for event in _of(events, "birth.certified")}
    (moved,) = [e for e in _of(events, "migration.arrived") if _number(e["data"]["person"]) in mothers]
    data = moved["data"]
    assert county.facility_for(data["from_area"]) != county.facility_for(data["to_area"])


def test_a_mother_stays_where_no_other_facility_is() -> None:
    lonely = build(2_000, 1, ["370102901001"], {"H1": ("370102",)})
    planned = plan(lonely, DAYS, TODAY)
    assert expectations(planned).open_help == {"H1": 4}
    assert all(birth.area == "370102901001" for birth in planned.births)


def test_the_other_counts_agree_with_the_reports(planned: MonthPlan, events: list[Event]) -> None:
    facts, expected = _effective(events), expectations(planned)
    registered = [e for e in _of(facts, "household.registered") if len(e["data"]["person"]["identifiers"]) == 2]
    newcomers = [e for e in _of(facts, "migration.arrived") if not e["data"]["from_area"].startswith("370102")]
    mistaken = Counter(mistake.kind for mistake in planned.mistakes)
    new = ("number-against-birth-date", "number-against-sex", "born-after-mothers-death", "parent-under-ten")
    wrong = sum(mistaken[kind] for kind in new)
    assert expected.people_registered_since == len(registered) + len(newcomers) + wrong
    assert expected.newborns_unregistered == len(_of(facts, "birth.certified")) - len(registered)
    dead = {json.dumps(e["data"]["person"]["identifiers"]) for e in _of(facts, "death.certified")}
    assert expected.deaths == len(dead) + mistaken["event-after-death"] + mistaken["born-after-mothers-death"]


def test_the_same_day_gives_the_same_bytes_and_another_day_other_ids(county: County, planned: MonthPlan) -> None:
    again = month(generate(4_000, seed=11), DAYS, TODAY)
    assert json.dumps(again) == json.dumps(planned.reports)
    ids = {report.cloud_event["id"] for report in month(county, DAYS, TODAY + timedelta(days=1))}
    assert not ids & {report.cloud_event["id"] for report in planned.reports}


def test_the_bytes_do_not_depend_on_the_process() -> None:
    """Sets and hashes differ between processes; a county must not."""
    script = (
        "import hashlib, json\nfrom datetime import date\n"
        "from deploy.tenfold.county import generate, month, registrations\n"
        "county = generate(400)\nreports = [*registrations(county), *month(county, 30, date(2026, 3, 1))]\n"
        "print(hashlib.sha256(json.dumps(reports).encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("people", [1, 30, 300])
@pytest.mark.parametrize("days", [7, 19, 60])
def test_a_small_county_or_another_length_of_month_works(people: int, days: int) -> None:
    small = generate(people)
    planned = plan(small, days, TODAY)
    for report in planned.reports:
        judge(report.cloud_event, report.department)
    expected = expectations(planned)
    assert expected.reports == len(planned.reports)
    if days < 19:
        assert not expected.open_help


def test_a_month_too_short_or_before_the_population_is_refused(county: County) -> None:
    with pytest.raises(ValueError, match="at least"):
        plan(county, 6, TODAY)
    with pytest.raises(ValueError, match="may not begin before"):
        plan(county, 30, REFERENCE + timedelta(days=29))
