"""Measures of demography, as the textbooks define them. Pure: figures in, figures out; nothing of a person.

Rates are per 1,000 of the mean population, which is (P0 + P1) / 2: half of the people at the beginning and at the end.
Whoever divides by nobody is answered None, never 0.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

PER_THOUSAND, PER_HUNDRED = 1000, 100
YEARS_OF_GROUP = 5
WHIPPLE_AGES, MYERS_FIRST, MYERS_SECOND = range(23, 63), range(10, 90), range(20, 100)
WHIPPLE_BANDS = ((105, "highly-accurate"), (110, "fairly-accurate"), (125, "approximate"), (175, "rough"))
ANIMALS = 12


class DualSystem(NamedTuple):
    """What two systems that each miss some say of how many there are. Completeness: shares found, 0 to 1."""

    estimate: float
    completeness_of_first: float
    completeness_of_second: float
    chapman: float
    standard_error: float


def mean_population(before: float, after: float) -> float:
    """(P0 + P1) / 2."""
    return (before + after) / 2


def rate(happened: int, people: float) -> float | None:
    """Events per 1,000 of the mean population: births, deaths, moves; or, of women 15 to 49, general fertility."""
    return PER_THOUSAND * happened / people if people > 0 else None


def sex_ratio(male: int, female: int) -> float | None:
    """Males for each 100 females; at birth usually 103 to 107."""
    return PER_HUNDRED * male / female if female > 0 else None


def total_fertility(births: Mapping[int, int], women: Mapping[int, float]) -> float | None:
    """5 × the sum of age-specific rates, per woman. Births and women by five-year group of the mother's age (15 to 45);
    None where a group has no women."""
    if any(women.get(group, 0) <= 0 for group in births if births[group]) or not women:
        return None
    return YEARS_OF_GROUP * sum(births.get(group, 0) / people for group, people in women.items() if people > 0)


def whipple(ages: Mapping[int, int]) -> float | None:
    """Heaping on ages that end in 0 and 5, over 23 to 62: 100 none, 500 everybody."""
    everyone = sum(ages.get(age, 0) for age in WHIPPLE_AGES)
    rounded = sum(ages.get(age, 0) for age in WHIPPLE_AGES if age % 5 == 0)
    return PER_HUNDRED * 5 * rounded / everyone if everyone else None


def whipple_band(index: float) -> str:
    """How good ages are by the index: the customary bands."""
    return next((name for limit, name in WHIPPLE_BANDS if index < limit), "very-rough")


def myers(ages: Mapping[int, int]) -> float | None:
    """Myers' blended index of digit preference: 0 none, 90 everybody. The first sum runs over 10 to 89, the second over
    20 to 99, so that a flat population gives 0 (over 20 to 89 it would give 1.66)."""
    blended = [
        (digit + 1) * sum(ages.get(age, 0) for age in MYERS_FIRST if age % 10 == digit)
        + (9 - digit) * sum(ages.get(age, 0) for age in MYERS_SECOND if age % 10 == digit)
        for digit in range(10)
    ]
    return _unevenness(blended)


def animal_years(birth_years: Mapping[int, int], last: int, cycles: int = 4) -> float | None:
    """Preference for some of the twelve animal years: the share of people, in percent, who would have to be born in
    another one for all to be alike. Over whole cycles that end with the year `last`."""
    first = last - ANIMALS * cycles + 1
    years = range(first, last + 1)
    return _unevenness([sum(birth_years.get(year, 0) for year in years if year % ANIMALS == n) for n in range(ANIMALS)])


def heaping(on_the_day: int, people: int, share: float) -> float | None:
    """How many times more people are born on a day, or on days, than their share of the year: 1 none."""
    return on_the_day / (people * share) if people else None


def dual_system(both: int, only_first: int, only_second: int) -> DualSystem | None:
    """Chandrasekaran–Deming, N = C + N1 + N2 + N1·N2/C; with Chapman's estimate and its standard error. None where the
    systems share nobody: then they say nothing of what both miss."""
    if both <= 0:
        return None
    first, second = both + only_first, both + only_second
    estimate = both + only_first + only_second + only_first * only_second / both
    chapman = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * only_first * only_second / ((both + 1) ** 2 * (both + 2))
    return DualSystem(estimate, first / estimate, second / estimate, chapman, sqrt(variance))


def _unevenness(counts: Sequence[int]) -> float | None:
    everyone = sum(counts)
    if not everyone:
        return None
    return PER_HUNDRED / 2 * sum(abs(each / everyone - 1 / len(counts)) for each in counts)
