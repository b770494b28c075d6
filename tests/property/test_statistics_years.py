"""What several years have published tells no withheld figure: people at the ends of months across the turns of years,
together with the exact totals of the yearly balances, and tables of more than two townships."""

import random
from collections.abc import Collection, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.statistics.suppression import SMALL, Cell, Table, withheld
from tests.property.test_statistics_suppression import BOUNDED, assert_not_told, bounds, following, path

DECEMBER = 11
CHANGE = 3  # by which the lowest figures change in a month; whoever attacks knows that it is nine at most
SEEDS = st.integers(0, 2**32)


def county(rng: random.Random, townships: int, ages: int) -> Table:
    """Townships of two counties, with figures that are small here and there."""
    areas = [f"37010{2 + number % 2}9{number:02}" for number in range(townships)]
    cells = [Cell(area, sex, 5 * age) for area in areas for sex in ("female", "male") for age in range(ages)]
    return Table({cell: rng.randint(0, 12) if rng.random() < 0.4 else rng.randint(10, 300) for cell in cells}, path)


def some(rng: random.Random, cells: Collection[Cell], most: int) -> list[Cell]:
    """A few of them: each costs two integer programmes."""
    return rng.sample(sorted(cells), min(most, len(cells)))


def attacked(rng: random.Random, table: Table, months: int, first: int, places: Sequence[int], cells: int) -> None:
    """The releases from the month `first` on, some cells of those in `places` attacked by all of them. The totals of
    Decembers are known to the last person: a balance of the year ends with them, and the next begins."""
    releases = following(lambda _: rng.randint(-CHANGE, CHANGE), table, months, first)
    known = [place for place in range(months) if (first + place) % 12 == DECEMBER]
    for place in places:
        assert_not_told(releases, place, known, some(rng, releases[place][1], cells))


@given(SEEDS)
@settings(BOUNDED, max_examples=10)
def test_releases_on_both_sides_of_the_turn_of_the_year_tell_nothing(seed: int) -> None:
    """In January what was withheld may be told again; what was hidden until December stays hidden all the same."""
    rng = random.Random(seed)
    attacked(rng, county(rng, rng.randint(1, 3), rng.randint(1, 3)), 4, DECEMBER - 1, range(4), 3)


@given(SEEDS)
@settings(BOUNDED, max_examples=3)
def test_the_releases_of_three_years_together_tell_nothing(seed: int) -> None:
    """From a December over a whole year to a January."""
    rng = random.Random(seed)
    attacked(rng, county(rng, 2, 2), 14, DECEMBER, (0, rng.randint(1, 11), 12, 13), 2)


@given(SEEDS)
@settings(BOUNDED, max_examples=3)
def test_a_year_of_five_townships_tells_no_withheld_cell(seed: int) -> None:
    rng = random.Random(seed)
    attacked(rng, county(rng, 5, 2), 6, DECEMBER - 5, (rng.randint(0, 4), 5), 2)


@pytest.mark.parametrize(("townships", "ages"), [(12, 6), (20, 4)])
def test_a_table_of_many_townships_tells_no_withheld_cell(townships: int, ages: int) -> None:
    """Known exactly, every figure that is not withheld."""
    rng = random.Random(townships)
    table = county(rng, townships, ages)
    hidden, cells = withheld(table), table.cells()
    assert all(people >= SMALL for cell, people in cells.items() if cell not in hidden)
    for cell in some(rng, hidden, 6):
        least, greatest = bounds(table, hidden, cell)
        assert least <= cells[cell] <= greatest
        assert greatest - least >= SMALL, (cell, least, greatest)
