"""Help that a person asked for, as data: which dates, which words, and what may not be written."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.alerts.schedules.catalogue import load
from services.alerts.schedules.facts import Child, EpisodeFacts
from services.alerts.schedules.offsets import Offset
from services.alerts.schedules.plan import outline, plan
from services.alerts.schedules.schedule import ASKED_FOR, EpisodeKind, Schedule
from services.alerts.schedules.selection import Choice
from shared.sharing.schemes import Schemes

CATALOGUE = load()
SUBSIDY = Choice("cn-child-subsidy", "2025")
PAPERS = Choice("cn-child-papers", "2019")
TRANSFER = Choice("cn-record-transfer", "2021")
ASKED = [each for each in CATALOGUE.values() if ASKED_FOR & set(each.kinds)]
PROVISIONING = Path(__file__).parents[2] / "deploy" / "provisioning"

Dates = list[tuple[str, str, str, str]]


def day(text: str) -> date:
    return date.fromisoformat(text)


def dates(choice: Choice, asked: str, born: str | None = None) -> Dates:
    """Code, opens, due and closes of what is still to come."""
    children = (Child(1, day(born)),) if born else ()
    facts = EpisodeFacts(enrolled_on=day(asked), children=children)
    return [
        (each.code, each.opens_on.isoformat(), each.due_on.isoformat(), each.closes_on.isoformat())
        for each in plan(CATALOGUE, [choice], facts)
    ]


def test_the_first_claim_is_made_in_the_year_of_birth_or_the_next() -> None:
    assert dates(SUBSIDY, "2026-03-10", "2026-03-01") == [
        ("claim-year-1", "2026-03-01", "2027-12-31", "2027-12-31"),
        ("claim-year-2", "2027-03-01", "2028-02-29", "2028-12-31"),
        ("claim-year-3", "2028-03-01", "2029-02-28", "2029-12-31"),
    ]


@pytest.mark.parametrize(
    ("born", "codes"),
    [
        ("2021-12-31", []),  # three before the subsidy began
        ("2022-01-02", ["claim-year-1"]),
        ("2023-06-15", ["claim-year-1", "claim-year-2"]),
        ("2024-12-31", ["claim-year-1", "claim-year-2", "claim-year-3"]),
        ("2025-01-01", ["claim-year-1", "claim-year-2", "claim-year-3"]),
    ],
)
def test_who_was_born_before_it_began_counts_from_its_first_day_until_the_third_birthday(
    born: str, codes: list[str]
) -> None:
    found = dates(SUBSIDY, "2025-01-01", born)
    assert [each[0] for each in found] == codes
    assert all(each[1] >= "2025-01-01" for each in found)


def test_a_claim_whose_time_is_over_is_not_asked_for() -> None:
    assert [each[0] for each in dates(SUBSIDY, "2028-01-01", "2026-03-01")] == ["claim-year-2", "claim-year-3"]


@pytest.mark.parametrize(("born", "due"), [("2026-01-31", "2026-02-28"), ("2024-01-31", "2024-02-29")])
def test_papers_are_due_within_one_month(born: str, due: str) -> None:
    found = dates(PAPERS, born, born)
    assert {each[0]: each[2] for each in found} == {"household-registration": due, "vaccination-certificate": due}


def test_records_are_asked_for_from_the_day_of_asking() -> None:
    assert dates(TRANSFER, "2026-03-10") == [
        ("ask-for-records", "2026-03-10", "2026-03-24", "2026-05-09"),
        ("records-arrived", "2026-03-17", "2026-04-07", "2026-06-08"),
    ]


def test_nothing_is_planned_for_nobody() -> None:
    assert outline(CATALOGUE, [SUBSIDY, PAPERS], EpisodeFacts(enrolled_on=day("2026-01-01"))) == []


@pytest.mark.parametrize("kind", sorted(ASKED_FOR))
def test_no_help_is_given_that_was_not_asked_for(kind: EpisodeKind) -> None:
    assert CATALOGUE.choices(kind, day("2026-03-01"), facility="H") == ()
    assert CATALOGUE.offered(kind, day("2026-03-01"), facility="H")


def test_a_help_to_claim_names_a_scheme_of_the_provisioned_list() -> None:
    listed = Schemes.load(PROVISIONING).by_kind()["entitlement"]
    named = {each.scheme for each in ASKED if each.scheme}
    assert named
    assert named <= listed


@pytest.mark.parametrize("text", ["end of year + 1", "end of year", "2 years - 1 day"])
def test_years_end_on_their_last_day(text: str) -> None:
    ends = {"end of year + 1": "2027-12-31", "end of year": "2026-12-31", "2 years - 1 day": "2028-02-29"}
    assert Offset.parse(text).after(day("2026-03-01")) == day(ends[text])


WORDS = {"zh": "文", "en": "Text"}
PLAIN: dict[str, Any] = {
    "schedule": "help",
    "version": "1",
    "title": WORDS,
    "source": WORDS,
    "about": "child",
    "in_force_from": date(2026, 1, 1),
    "kinds": ["entitlement"],
    "by_default": False,
    "contacts": [
        {
            "code": "claim",
            "title": WORDS,
            "reason": WORDS,
            "clause": WORDS,
            "counts_from": "birth",
            "opens": "0 days",
            "due": "1 month",
            "closes": "2 months",
        }
    ],
}


def contact(**changes: object) -> dict[str, Any]:
    return {"contacts": [PLAIN["contacts"][0] | changes]}


def test_the_help_that_every_refusal_varies_is_accepted() -> None:
    assert Schedule.model_validate(PLAIN).schedule == "help"


@pytest.mark.parametrize(
    "change",
    [
        {"by_default": True},
        {"about": "mother"},
        {"kinds": ["entitlement", "maternal"]},
        {"title": {"zh": "生育津贴", "en": "Text"}},
        {"title": {"zh": "文", "en": "Help for widows"}},
        {"title": {"zh": "二孩补贴", "en": "Text"}},
        contact(counts_from="pregnancy"),
        contact(counts_from="discharge", assumes="3 days"),
        contact(only={"child": ["multiple"]}),
        contact(reason={"zh": "文", "en": "Paid to the newly married"}),
        contact(reason={"zh": "文", "en": "Paid to pregnant women"}),
        contact(reason={"zh": "避孕", "en": "Text"}),
    ],
)
def test_help_that_depends_on_more_than_an_age_or_the_day_of_asking_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Schedule.model_validate(PLAIN | change)


def test_care_counts_from_no_request() -> None:
    with pytest.raises(ValidationError, match="no help that is asked for"):
        Schedule.model_validate(PLAIN | {"kinds": ["child"]} | contact(counts_from="request"))
