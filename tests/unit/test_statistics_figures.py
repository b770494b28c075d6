"""What is published of counts: rounding, rests, the parts of the balance, quality by shares."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.statistics import counting, quality
from services.registry.statistics.figures import Figure, monthly, population, rounded, value_of
from services.registry.statistics.handlers import below, children_of, part, spelled
from services.registry.statistics.suppression import ALL_AGES, BOTH
from services.registry.statistics.yearly import SIGNS, Year, closed, figures_of
from shared.errors import NotFound

ONE = frozenset({"370102"})
TWO = frozenset({"370102", "370103"})
YEAR: dict[str, Any] = {
    "before": 1000,
    "after": 1000 + 50 - 20 + 30 - 25 + 12 - 11,
    "county": {"born": 50, "joined": 62, "died": 20, "arrived": 30, "departed": 25, "left": 11},
    "died_in": {},
    "boys": 26,
    "girls": 24,
    "delivered": {25: 50},
    "women": dict.fromkeys(range(15, 50, 5), 100.0),
    "before_in": {},
    "after_in": {},
    "months": {"deaths": [], "marriages": [], "divorces": []},
}


@given(st.integers(10, 10_000), st.integers(10, 10_000))
def test_two_months_differ_by_nothing_or_by_tens(people: int, later: int) -> None:
    difference = rounded(later) - rounded(people)
    assert difference % 10 == 0
    assert abs(difference - (later - people)) < 10
    assert rounded(people) >= 10


def test_few_events_of_a_month_are_withheld_and_others_rounded() -> None:
    assert [monthly(n)[0].value for n in (0, 9, 10, 14, 15)] == [None, None, 10, 10, 20]


def test_an_area_of_which_no_lower_one_is_known_stands_among_the_lower_ones() -> None:
    people = {("370102901001", "male", 20): 100, ("370102901", "male", 20): 50, ("370102", "male", 20): 40}
    found = population(people, ONE)
    assert value_of(found) == 190
    assert [each.area for each in part(found, "", ("area",), ONE)] == ["370102-rest", "370102901"]
    villages = part(found, "370102901", ("area",), ONE)
    assert [(spelled(each.area), each.value) for each in villages] == [
        ("370102901000-rest", 50),
        ("370102901001", 100),
    ]
    with pytest.raises(NotFound):
        part(found, "370102902", (), ONE)


def test_where_there_are_several_counties_they_stand_between() -> None:
    people = {("370102901001", "male", 20): 100, ("370103901001", "male", 20): 50, ("370103", "male", 20): 40}
    found = population(people, TWO)
    assert [(each.area, each.value) for each in part(found, "", ("area",), TWO)] == [("370102", 100), ("370103", 90)]
    assert [each.area for each in part(found, "370103", ("area",), TWO)] == ["370103-rest", "370103901"]
    assert not below("370103901", "", TWO)


def test_of_nobody_nothing_is_published() -> None:
    assert population({}, ONE) == [Figure("", "", -1, None)]


def test_what_was_withheld_stays_withheld_in_the_year() -> None:
    people = {("370102901001", "male", 20): 100, ("370102902001", "male", 20): 90, ("370102903001", "male", 20): 80}
    assert value_of(population(people, ONE), "370102901") == 100
    before = [Figure("370102901", "", -1, None)]
    assert value_of(population(people, ONE, before), "370102901") is None


@given(st.dictionaries(st.sampled_from(sorted(SIGNS)), st.integers(0, 60), min_size=6, max_size=6))
def test_the_balance_leaves_each_withheld_part_ten_values(balance: dict[str, int]) -> None:
    hidden = closed(balance)
    assert {name for name, people in balance.items() if people < 10} <= hidden
    if hidden and len({SIGNS[name] for name in hidden}) == 1:  # they share a published sum
        assert len(hidden) > 1
        assert sum(balance[name] for name in hidden) >= 10


def test_figures_of_a_year() -> None:
    found = {name: value_of(figures) for name, figures in figures_of(Year(**YEAR)).items()}
    assert found["births"] == 50
    assert found["registered-otherwise"] == 12
    assert found["natural-increase"] == 30
    assert found["sex-ratio-at-birth"] == 108.3
    assert found["general-fertility"] == round(50000 / 700, 2)
    assert found["total-fertility"] == 2.5
    assert found["moved-in-rate"] == round(30000 / 1018, 2)


def test_a_year_that_does_not_close_is_not_published() -> None:
    with pytest.raises(ValueError, match="does not close"):
        figures_of(Year(**YEAR | {"after": 1}))


def test_few_births_tell_neither_ratio_nor_rate() -> None:
    county = YEAR["county"] | {"born": 9, "joined": 21}
    after = 1000 + 9 - 20 + 30 - 25 + 12 - 11
    found = figures_of(Year(**YEAR | {"county": county, "after": after, "boys": 5, "girls": 4, "delivered": {25: 9}}))
    for name in ("births", "natural-increase", "birth-rate", "sex-ratio-at-birth", "general-fertility"):
        assert value_of(found[name]) is None, name
    assert value_of(found["total-fertility"]) is None


def test_a_township_s_rate_is_made_of_published_figures_alone() -> None:
    townships = {"370102901": 500.0, "370102902": None, "370102903": 400.0}
    died_in = {"370102901": 12, "370102902": 14, "370102903": 16}
    county = YEAR["county"] | {"died": 42}
    after = YEAR["after"] - 22
    ends = {"died_in": died_in, "before_in": townships, "after_in": townships}
    found = figures_of(Year(**YEAR | ends | {"county": county, "after": after}))
    rates = {each.area: each.value for each in found["death-rate"] if each.area}
    assert rates == {"370102901": 20.0, "370102902": None, "370102903": 50.0}


def test_quality_of_births_by_two_systems() -> None:
    counts = {"timely": 700, "late": 80, "delayed": 20, "unregistered": 100, "uncertified": 60}
    assert quality.births(2024, counts) == {
        "year": 2024,
        "available": True,
        "estimate": 970,
        "chapman": 970,
        "standard_error": 3,
        "certificates_complete_percent": 93,
        "registrations_complete_percent": 89,
        "timely_percent": 78,
        "late_percent": 9,
        "delayed_percent": 2,
        "unregistered_percent": 11,
    }
    assert quality.births(2024, {"timely": 99})["available"] is False


def test_consistency_of_a_flat_population() -> None:
    month = 2024 * 12 + 11
    by_birth = {month - 12 * age - n: 2 for age in range(110) for n in range(12)}
    days = {counting.NEW_YEAR: 40, counting.FIRST_OF_MONTH: 80, counting.OTHER_DAY: 2520}
    found = quality.consistency(month, by_birth, days, 9, 14)
    assert (found["whipple"], found["whipple_band"], found["myers"]) == (100.0, "highly-accurate", 0.0)
    assert found["animal_years_percent"] == 0
    assert found["born_on_new_year_times_expected"] == round(40 / 2640 * 365.25, 1)
    assert (found["open_contradictions"], found["unmatched_halves_of_moves"]) == (None, 10)


CODES = st.sampled_from(
    ("", "370102", "370103", "370102-rest", "370102901", "370102902", "370103901", "370102901-rest", "370102901001",
     "370102901002", "370103901001")
)  # fmt: skip


@given(st.lists(CODES, unique=True), st.sampled_from((ONE, TWO)))
def test_the_areas_right_below_each_are_found_with_one_look_at_each(areas: list[str], home: frozenset[str]) -> None:
    totals = [Figure(area, BOTH, ALL_AGES, 10) for area in areas]
    found = children_of(totals, home)
    for outer in totals:
        assert found.get(outer.area, []) == [each for each in totals if below(each.area, outer.area, home)]
