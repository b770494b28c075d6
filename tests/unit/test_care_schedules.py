"""Plans of care against dates worked out on paper, and the rules for those who do not fit the plain case."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.alerts.schedules.catalogue import load
from services.alerts.schedules.facts import (
    Child,
    Circumstance,
    Dating,
    Ending,
    EpisodeFacts,
    Finished,
    Referral,
    Risk,
)
from services.alerts.schedules.plan import PlannedContact, Standing, outline, plan, upcoming
from services.alerts.schedules.schedule import ASKED_FOR, EpisodeKind
from services.alerts.schedules.selection import Choice
from tests.care_dates import (
    ANTENATAL,
    BY_EDD,
    CHECKS,
    DOSES,
    MANAGED,
    MANAGED_ORANGE,
    MANAGED_RED,
    NEWBORN,
    POSTNATAL,
    REFERRAL,
    WHO,
    WORKED,
    Worked,
    child,
    day,
    maternal,
)

CATALOGUE = load()


def contacts(choice: Choice, facts: EpisodeFacts) -> dict[str, PlannedContact]:
    """The contacts still to come, by code."""
    return {each.code: each for each in plan(CATALOGUE, [choice], facts)}


def standings(choice: Choice, facts: EpisodeFacts) -> dict[str, Standing]:
    """What became of each contact of an outline."""
    return {each.code: each.standing for each in outline(CATALOGUE, [choice], facts)}


@pytest.mark.parametrize("row", WORKED, ids=lambda row: f"{row.choice.schedule} {row.code}: {row.says}")
def test_worked_dates(row: Worked) -> None:
    found = contacts(row.choice, row.facts)[row.code]
    assert (found.opens_on, found.due_on, found.closes_on) == (day(row.opens), day(row.due), day(row.closes))


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(WORKED) >= 40
    assert len({(row.choice, row.facts, row.code) for row in WORKED}) == len(WORKED)
    assert {row.choice.schedule for row in WORKED} >= {
        name
        for (name, _), each in CATALOGUE.items()
        if not ASKED_FOR & set(each.kinds)  # test_help_asked_rules.py
    } - {
        "cn-newborn",
        "cn-child-referral",
    }


# Unknown last menstrual period, revised due dates


def test_without_any_date_there_is_no_antenatal_plan() -> None:
    assert contacts(ANTENATAL, EpisodeFacts(enrolled_on=day("2026-03-01"))) == {}


def test_a_due_date_alone_gives_the_plan_of_the_day_280_days_before() -> None:
    by_lmp = maternal("2027-05-25", enrolled="2027-06-01")
    assert plan(CATALOGUE, [ANTENATAL], BY_EDD) == plan(CATALOGUE, [ANTENATAL], by_lmp)
    assert BY_EDD.begun_on == by_lmp.lmp
    assert by_lmp.due_on == day("2028-02-29")


def test_where_both_are_known_the_dating_says_which_counts() -> None:
    both = EpisodeFacts(enrolled_on=day("2026-02-01"), lmp=day("2026-01-01"), edd=day("2026-10-22"))
    assert both.due_on == day("2026-10-08")
    assert replace(both, dating=Dating.EDD).due_on == day("2026-10-22")


def test_a_revised_due_date_moves_open_contacts_and_not_finished_ones() -> None:
    first = Finished("cn-antenatal", "first", None, Ending.DONE, day("2026-03-10"))
    before = replace(maternal("2026-01-01"), finished=(first,))
    # By ultrasound two weeks later: 22 October, seen on 1 April.
    after = replace(before, edd=day("2026-10-22"), dating=Dating.EDD, dated_on=day("2026-04-01"))
    assert standings(ANTENATAL, after)["first"] is Standing.FINISHED
    old, new = contacts(ANTENATAL, before), contacts(ANTENATAL, after)
    assert (
        old.keys()
        == new.keys()
        == {
            *("weeks-16-20", "weeks-21-24", "weeks-28-36", "weeks-37-40", "ask-about-birth"),
        }
    )
    for code, contact in new.items():
        assert contact.opens_on - old[code].opens_on == timedelta(days=14)
        assert contact.due_on - old[code].due_on == timedelta(days=14)


def test_a_window_that_a_revised_due_date_puts_into_the_past_never_applied() -> None:
    # Five weeks further than thought: 16-20 weeks were over on the day of the ultrasound.
    facts = replace(maternal("2026-01-01"), edd=day("2026-09-03"), dating=Dating.EDD, dated_on=day("2026-05-01"))
    assert standings(ANTENATAL, facts)["weeks-16-20"] is Standing.NOT_APPLICABLE
    assert upcoming(plan(CATALOGUE, [ANTENATAL], facts))[0].code == "weeks-21-24"


# First contact late in pregnancy


def test_what_was_over_before_she_came_never_applied() -> None:
    assert standings(ANTENATAL, maternal("2026-01-01", enrolled="2026-06-10")) == {
        "first": Standing.NOT_APPLICABLE,
        "weeks-16-20": Standing.NOT_APPLICABLE,
        "weeks-21-24": Standing.AHEAD,
        "weeks-28-36": Standing.AHEAD,
        "weeks-37-40": Standing.AHEAD,
        "ask-about-birth": Standing.AHEAD,
    }


@pytest.mark.parametrize(
    ("choice", "enrolled", "code", "due"),
    [
        (ANTENATAL, "2026-04-01", "first", "2026-04-01"),  # day 90, in time
        (ANTENATAL, "2026-04-02", "first", "2026-04-22"),  # day 91: until its window closes
        (ANTENATAL, "2026-06-25", "weeks-21-24", "2026-07-15"),
        (WHO, "2026-03-27", "week-12", "2026-04-24"),  # four weeks, within the window
        (WHO, "2026-05-13", "week-12", "2026-05-13"),
        (DOSES, "2027-03-01", "dtap-1", "2027-03-29"),
    ],
)
def test_who_comes_late_is_not_overdue_on_the_first_day(choice: Choice, enrolled: str, code: str, due: str) -> None:
    facts = child("2026-01-01", enrolled=enrolled) if choice is DOSES else maternal("2026-01-01", enrolled=enrolled)
    assert contacts(choice, facts)[code].due_on == day(due)


def test_at_forty_two_weeks_nothing_is_left_but_the_last_and_the_birth() -> None:
    asked = "ask-about-birth"
    assert set(contacts(ANTENATAL, maternal("2026-01-01", enrolled="2026-10-22"))) == {"weeks-37-40", asked}
    assert list(contacts(ANTENATAL, maternal("2026-01-01", enrolled="2026-10-23"))) == [asked]


# Birth, preterm, twins


@pytest.mark.parametrize("born", ["2026-09-16", "2026-10-08"])
def test_birth_ends_the_antenatal_plan_and_begins_the_other(born: str) -> None:
    facts = maternal("2026-01-01", born=born)
    assert set(standings(ANTENATAL, facts).values()) == {Standing.OVER}
    assert set(standings(WHO, facts).values()) == {Standing.OVER}
    assert set(contacts(POSTNATAL, facts)) == {"home-visit", "day-42"}


@pytest.mark.parametrize("choice", [ANTENATAL, WHO])
def test_after_the_last_antenatal_contact_she_is_on_a_list_until_the_birth_is_recorded(choice: Choice) -> None:
    choices = [choice, POSTNATAL]
    facts = maternal("2026-01-01")
    asked = "ask-about-birth"
    codes = [each.code for each in plan(CATALOGUE, [choice], facts) if each.code != asked]
    done = tuple(Finished(choice.schedule, code, None, Ending.DONE, day("2026-09-20")) for code in codes)
    facts = replace(facts, finished=done)
    assert [each.code for each in upcoming(plan(CATALOGUE, choices, facts))] == [asked]
    born = replace(facts, delivered_on=day("2026-10-05"))
    assert asked not in {each.code for each in plan(CATALOGUE, choices, born)}
    assert {each.code for each in upcoming(plan(CATALOGUE, choices, born))} == {"home-visit", "day-42"}
    assert plan(CATALOGUE, choices, replace(facts, ended=True)) == []


def test_an_ended_episode_has_no_plan_whatever_the_reason() -> None:
    facts = replace(maternal("2026-01-01"), ended=True)
    assert plan(CATALOGUE, [ANTENATAL, WHO, POSTNATAL], facts) == []


def test_a_day_of_discharge_that_is_told_moves_the_visit() -> None:
    before = maternal("2026-01-01", born="2026-10-08")
    after = replace(before, discharged_on=day("2026-10-20"))
    assert contacts(POSTNATAL, before)["home-visit"].opens_on == day("2026-10-11")
    assert contacts(POSTNATAL, after)["home-visit"].opens_on == day("2026-10-20")
    assert contacts(POSTNATAL, before)["day-42"] == contacts(POSTNATAL, after)["day-42"]


@pytest.mark.parametrize(
    ("born", "early"),
    [("2026-09-16", True), ("2026-09-17", False), ("2026-10-08", False)],  # 36 weeks 6 days, 37 weeks, 40 weeks
)
def test_preterm_is_before_thirty_seven_completed_weeks(born: str, early: bool) -> None:
    one = Child(1, day(born))
    facts = replace(maternal("2026-01-01", born=born), children=(one,))
    assert (Circumstance.PRETERM in facts.circumstances(one)) == early
    assert bool(contacts(NEWBORN, facts)) == early


def test_what_somebody_said_of_preterm_counts_before_what_dates_say() -> None:
    facts = maternal("2026-01-01", born="2026-09-01")
    assert facts.circumstances(Child(1, day("2026-09-01"), preterm=False)) == frozenset()
    assert facts.circumstances(Child(1, day("2026-10-08"), preterm=True)) == {Circumstance.PRETERM}
    assert EpisodeFacts(enrolled_on=day("2026-09-01")).circumstances(Child(1, day("2026-09-01"))) == frozenset()


@pytest.mark.parametrize(
    "one", [Child(1, day("2026-10-08"), low_weight=True), Child(1, day("2026-10-08"), birth_defect=True)]
)
def test_a_newborn_at_risk_is_visited_more_often(one: Child) -> None:
    facts = replace(maternal("2026-01-01", born="2026-10-08", discharged="2026-10-12"), children=(one,))
    found = contacts(NEWBORN, facts)
    assert (found["visit-1"].opens_on, found["visit-1"].due_on) == (day("2026-10-12"), day("2026-10-15"))
    assert found["visit-2"].due_on == day("2026-10-26")


def test_twins_have_a_plan_each_where_it_is_the_childs_and_one_where_it_is_the_mothers() -> None:
    # Born before and after midnight; the second stays in hospital.
    twins = (Child(1, day("2026-09-30")), Child(2, day("2026-10-01"), discharged_on=day("2026-10-20")))
    facts = replace(maternal("2026-01-01", born="2026-09-30", discharged="2026-10-04"), children=twins)
    found = {(each.child, each.code): each.opens_on for each in plan(CATALOGUE, [NEWBORN, POSTNATAL], facts)}
    assert found == {
        (None, "home-visit"): day("2026-10-04"),
        (None, "day-42"): day("2026-11-11"),
        (1, "visit-1"): day("2026-10-04"),
        (1, "visit-2"): day("2026-10-14"),
        (2, "visit-1"): day("2026-10-20"),
        (2, "visit-2"): day("2026-10-30"),
    }
    checks = {
        (each.child, each.code): each.opens_on
        for each in plan(CATALOGUE, [CHECKS], EpisodeFacts(day("2026-10-01"), children=twins))
    }
    assert checks[1, "months-3"] == day("2026-12-30")
    assert checks[2, "months-3"] == day("2027-01-01")


def test_one_twins_outcome_and_end_are_not_the_others() -> None:
    twins = (Child(1, day("2026-09-30")), Child(2, day("2026-09-30"), ended=True), Child(3, day("2026-09-30")))
    done = Finished("cn-newborn", "visit-1", 1, Ending.DONE, day("2026-10-05"))
    facts = replace(maternal("2026-01-01", born="2026-09-30"), children=twins, finished=(done,))
    found = [(each.child, each.code) for each in plan(CATALOGUE, [NEWBORN], facts)]
    assert found == [(3, "visit-1"), (1, "visit-2"), (3, "visit-2")]


# Doses that wait for each other


def test_a_dose_waits_for_the_one_before_and_is_not_a_row_until_then() -> None:
    found = plan(CATALOGUE, [DOSES], child("2026-01-31"))
    assert {each.code: each.waits_for for each in found if each.series == "hepb"} == {
        "hepb-1": None,
        "hepb-2": "hepb-1",
        "hepb-3": "hepb-2",
    }
    assert {each.code for each in upcoming(found)} == {
        *("hepb-1", "bcg", "ipv-1", "dtap-1", "mena-1", "mmr-1", "je-1", "hepa"),
    }


@pytest.mark.parametrize(
    ("done", "opens", "due"),
    [
        ("2026-01-31", "2026-02-28", "2026-03-30"),  # at birth: the table's own day
        ("2026-03-10", "2026-04-07", "2026-05-05"),  # late: 28 days behind, and four weeks to come
    ],
)
def test_a_dose_given_late_moves_the_next(done: str, opens: str, due: str) -> None:
    given = Finished("cn-immunisation", "hepb-1", 1, Ending.DONE, day(done))
    found = contacts(DOSES, replace(child("2026-01-31"), finished=(given,)))
    assert (found["hepb-2"].opens_on, found["hepb-2"].due_on) == (day(opens), day(due))
    assert found["hepb-2"].standing is Standing.AHEAD
    assert found["hepb-3"].waits_for == "hepb-2"


def test_a_declined_dose_holds_nothing_up() -> None:
    declined = Finished("cn-immunisation", "hepb-1", 1, Ending.DECLINED, day("2026-02-01"))
    found = contacts(DOSES, replace(child("2026-01-31"), finished=(declined,)))
    assert found["hepb-2"].waits_for is None
    assert found["hepb-2"].opens_on == day("2026-02-28")


def test_a_dose_for_which_there_is_no_time_left_never_applies() -> None:
    late = Finished("cn-immunisation", "menac-1", 1, Ending.DONE, day("2031-06-01"))
    facts = replace(child("2026-01-31", enrolled="2031-05-01"), finished=(late,))
    assert standings(DOSES, facts)["menac-2"] is Standing.NOT_APPLICABLE  # three years on she is past seven


# Risk and referrals


def test_orange_and_red_alone_are_managed_as_cases() -> None:
    levels = CATALOGUE.scales["cn-2017"].levels
    assert {level.code: level.case_management for level in levels} == {
        "green": False, "yellow": False, "orange": True, "red": True,
    }  # fmt: skip
    for level in levels:
        facts = replace(MANAGED_RED, risk=Risk("cn-2017", level.code, day("2026-05-01")))
        assert bool(contacts(MANAGED, facts)) == level.case_management
    assert contacts(MANAGED, replace(MANAGED_RED, risk=None)) == {}


def test_a_level_of_another_scale_is_not_taken_for_one_of_this() -> None:
    assert contacts(MANAGED, replace(MANAGED_RED, risk=Risk("elsewhere", "red", day("2026-05-01")))) == {}


def test_case_management_lasts_until_forty_two_weeks_and_ends_with_the_birth() -> None:
    last = max(each.opens_on for each in plan(CATALOGUE, [MANAGED], MANAGED_RED))
    assert last == day("2026-10-16")  # 24 weeks on; a week later it would be past 22 October
    assert contacts(MANAGED, replace(MANAGED_RED, delivered_on=day("2026-09-20"))) == {}


def test_a_level_set_anew_begins_its_contacts_anew() -> None:
    done = tuple(
        Finished(
            "cn-case-management", f"orange-{number}", None, Ending.DONE, day("2026-05-01") + timedelta(14 * number)
        )
        for number in (1, 2)
    )
    facts = replace(MANAGED_ORANGE, finished=done)
    assert upcoming(plan(CATALOGUE, [MANAGED], facts))[0].code == "orange-3"
    again = replace(facts, risk=Risk("cn-2017", "orange", day("2026-08-01")))
    assert upcoming(plan(CATALOGUE, [MANAGED], again))[0].code == "orange-1"


def test_a_contact_held_on_the_day_before_its_level_was_set_is_not_asked_for_again() -> None:
    set_on = day("2026-05-01")
    facts = replace(MANAGED_ORANGE, risk=Risk("cn-2017", "orange", set_on))
    done = Finished("cn-case-management", "orange-1", None, Ending.DONE, set_on - timedelta(1), set_on)
    assert upcoming(plan(CATALOGUE, [MANAGED], replace(facts, finished=(done,))))[0].code == "orange-2"
    former = replace(done, opens_on=set_on - timedelta(28), on=set_on)
    assert upcoming(plan(CATALOGUE, [MANAGED], replace(facts, finished=(former,))))[0].code == "orange-1"


def test_every_referral_is_followed_up_by_itself() -> None:
    facts = replace(maternal("2026-01-01"), referrals=(Referral(2, day("2026-03-01")), Referral(1, day("2026-02-01"))))
    found = upcoming(plan(CATALOGUE, [REFERRAL], facts))
    assert [(each.code, each.due_on) for each in found] == [
        ("follow-up-1", day("2026-02-15")),
        ("follow-up-2", day("2026-03-15")),
    ]
    followed = Finished("cn-referral", "follow-up-1", None, Ending.DONE, day("2026-02-10"))
    assert list(contacts(REFERRAL, replace(facts, finished=(followed,)))) == ["follow-up-2"]


def test_a_childs_referral_is_the_childs() -> None:
    one = Child(1, day("2026-10-08"))
    facts = EpisodeFacts(
        enrolled_on=day("2026-10-08"), children=(one,), referrals=(Referral(1, day("2026-11-01"), child=1),)
    )
    assert contacts(REFERRAL, facts) == {}
    (found,) = plan(CATALOGUE, [Choice("cn-child-referral", "2017")], facts)
    assert (found.child, found.due_on) == (1, day("2026-11-15"))


# Rows, several schedules at once, faults


def test_of_every_series_the_next_contact_is_a_row_and_then_the_one_behind_it() -> None:
    facts = maternal("2026-01-01")
    asked = {("cn-antenatal", "ask-about-birth"), ("who-antenatal", "ask-about-birth")}  # series of their own
    rows = {(row.schedule, row.code) for row in upcoming(plan(CATALOGUE, [ANTENATAL, WHO], facts))}
    assert rows - asked == {("cn-antenatal", "first"), ("who-antenatal", "week-12")}
    missed = Finished("cn-antenatal", "first", None, Ending.MISSED, day("2026-04-23"))
    after = upcoming(plan(CATALOGUE, [ANTENATAL, WHO], replace(facts, finished=(missed,))))
    found = {(row.schedule, row.code) for row in after}
    assert found - asked == {("cn-antenatal", "weeks-16-20"), ("who-antenatal", "week-12")}


def test_what_an_episode_follows_unless_somebody_chooses() -> None:
    def names(kind: EpisodeKind, on: date) -> set[str]:
        return {choice.schedule for choice in CATALOGUE.choices(kind, on, facility="A")}

    assert names(EpisodeKind.MATERNAL, day("2026-06-01")) == {
        *("cn-antenatal", "cn-postnatal", "cn-newborn", "cn-case-management", "cn-referral", "cn-child-referral"),
    }
    assert names(EpisodeKind.CHILD, day("2026-06-01")) == {"cn-child-checks", "cn-immunisation", "cn-child-referral"}
    assert "cn-immunisation" not in names(EpisodeKind.CHILD, day("2025-12-31"))
    offered = CATALOGUE.offered(EpisodeKind.MATERNAL, day("2026-06-01"), facility="A")
    assert {"who-antenatal", "who-postnatal"} <= {schedule.schedule for schedule in offered}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"lmp": day("2026-06-02")}, [("lmp", "in-the-future")]),
        ({"edd": day("2027-03-09")}, [("edd", "too-far-ahead")]),
        ({"lmp": None, "dating": Dating.EDD}, [("dating", "no-such-date")]),
        ({"delivered_on": day("2025-12-31")}, [("delivered_on", "does-not-fit-the-dating")]),
        ({"lmp": day("2025-06-01"), "delivered_on": day("2026-05-01")}, [("delivered_on", "does-not-fit-the-dating")]),
        (
            {"lmp": None, "delivered_on": day("2026-05-01"), "discharged_on": day("2026-04-30")},
            [("discharged_on", "before-the-birth")],
        ),
        ({"children": (Child(1, day("2026-06-02")),)}, [("children/0/born_on", "in-the-future")]),
        (
            {"children": (Child(1, day("2026-05-02")), Child(1, day("2026-05-02"), day("2026-05-01")))},
            [("children", "number-twice"), ("children/1/discharged_on", "before-the-birth")],
        ),
    ],
)
def test_dates_that_cannot_be_true_are_named(change: dict[str, object], expected: list[tuple[str, str]]) -> None:
    facts = replace(maternal("2026-01-01"), **change)  # type: ignore[arg-type]
    assert list(facts.faults(day("2026-06-01"))) == expected
