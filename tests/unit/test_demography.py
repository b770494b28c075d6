"""The measures give the figures that the textbooks give."""

import pytest

from services.registry.statistics import demography as d

FLAT = dict.fromkeys(range(120), 100)


def test_dual_system_estimate_of_the_worked_example() -> None:
    found = d.dual_system(800, 100, 60)
    assert found is not None
    assert found.estimate == 967.5
    assert round(100 * found.completeness_of_first, 2) == 93.02
    assert round(100 * found.completeness_of_second, 2) == 88.89
    assert round(found.chapman, 2) == 967.49
    assert round(found.standard_error, 2) == 3.01


def test_two_systems_that_share_nobody_say_nothing_of_what_both_miss() -> None:
    assert d.dual_system(0, 5, 5) is None


def test_complete_systems_are_complete() -> None:
    assert d.dual_system(50, 0, 0) == (50, 1, 1, 50, 0)


def test_whipple_is_100_without_heaping_and_500_with_nothing_else() -> None:
    assert d.whipple(FLAT) == 100
    assert d.whipple(dict.fromkeys(range(0, 100, 5), 7)) == 500
    assert d.whipple({}) is None


@pytest.mark.parametrize(
    ("index", "band"),
    [(100, "highly-accurate"), (105, "fairly-accurate"), (110, "approximate"), (125, "rough"), (175, "very-rough")],
)
def test_the_bands_of_whipple(index: float, band: str) -> None:
    assert d.whipple_band(index) == band


def test_myers_is_0_on_a_flat_population_and_90_where_all_ages_end_alike() -> None:
    assert d.myers(FLAT) == pytest.approx(0)
    assert d.myers(dict.fromkeys(range(0, 120, 10), 9)) == pytest.approx(90)
    assert d.myers({}) is None


def test_myers_over_the_wrong_second_sum_would_see_preference_in_a_flat_population(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(d, "MYERS_SECOND", range(20, 90))
    assert d.myers(FLAT) == pytest.approx(1.66, abs=0.005)


def test_animal_years_without_and_with_a_dragon() -> None:
    years = dict.fromkeys(range(1900, 2030), 120)
    assert d.animal_years(years, 2019) == pytest.approx(0)
    dragons = {year: 240 if year % 12 == 8 else 120 for year in years}
    assert d.animal_years(dragons, 2019) == pytest.approx(100 * (2 / 13 - 1 / 12))
    assert d.animal_years({}, 2019) is None


def test_rates_are_per_thousand_of_the_mean_population() -> None:
    assert d.mean_population(990, 1010) == 1000
    assert d.rate(12, 1000) == 12
    assert d.rate(12, 0) is None


def test_sex_ratio_at_birth() -> None:
    assert d.sex_ratio(105, 100) == 105
    assert d.sex_ratio(1, 0) is None


def test_total_fertility_is_five_times_the_sum_of_the_rates() -> None:
    groups = range(15, 50, 5)
    assert d.total_fertility(dict.fromkeys(groups, 60), dict.fromkeys(groups, 1000.0)) == pytest.approx(2.1)
    assert d.total_fertility({15: 1}, {20: 10.0}) is None
    assert d.total_fertility({}, {}) is None


def test_heaping_on_a_day_is_one_where_there_is_none() -> None:
    assert d.heaping(1, 365, 1 / 365) == pytest.approx(1)
    assert d.heaping(0, 0, 1) is None
