"""How many people of each age and sex a county has."""

import random
from datetime import date, timedelta

from shared.identifiers.resident import Sex

# Seventh National Population Census of China, 1 November 2020: share of each five-year group in the whole population
# (per cent, men and women), rounded. The communiqués no. 4 and 5 give the sums that the tests hold it to: 0-14 17.95,
# 15-59 63.35, 60 and over 18.70, 65 and over 13.50; men 51.24.
CENSUS_2020: tuple[tuple[int, float, float], ...] = (
    (0, 2.91, 2.62),
    (5, 3.41, 3.00),
    (10, 3.24, 2.81),
    (15, 2.77, 2.39),
    (20, 2.82, 2.50),
    (25, 3.42, 3.10),
    (30, 4.53, 4.28),
    (35, 3.61, 3.41),
    (40, 3.38, 3.21),
    (45, 4.13, 3.97),
    (50, 4.33, 4.26),
    (55, 3.60, 3.59),
    (60, 2.62, 2.59),
    (65, 2.58, 2.67),
    (70, 1.72, 1.79),
    (75, 1.05, 1.17),
    (80, 0.65, 0.80),
    (85, 0.32, 0.45),
    (90, 0.09, 0.16),
    (95, 0.02, 0.04),
)
YEARS_PER_GROUP = 5
SEX_RATIO_AT_BIRTH = 111.3
"""Boys per 100 girls (census 2020)."""


def draw(rng: random.Random, people: int, reference: date) -> list[tuple[date, Sex]]:
    """Birth date and sex of `people` people, oldest first: each group has its census share to within one person."""
    cells: list[tuple[int, Sex, float]] = []
    for age, men, women in CENSUS_2020:
        cells += [(age, "male", men), (age, "female", women)]
    drawn: list[tuple[date, Sex]] = []
    total, passed, filled = sum(share for *_, share in cells), 0.0, 0
    for age, sex, share in cells:
        passed += share
        upto = round(people * passed / total)
        drawn += [(_birth_date(rng, age, reference), sex) for _ in range(upto - filled)]
        filled = upto
    drawn.sort()
    return drawn


def _birth_date(rng: random.Random, age: int, reference: date) -> date:
    """A day on which someone was born who is in the group of `age` on the eve of `reference`."""
    youngest = years_before(reference, age)
    oldest = years_before(reference, age + YEARS_PER_GROUP)
    return oldest + timedelta(days=rng.randrange((youngest - oldest).days))


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def years_after(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes 28 February."""
    return years_before(day, -years)


def age_on(birth_date: date, day: date) -> int:
    """Completed years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
