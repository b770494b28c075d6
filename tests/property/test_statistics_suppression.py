"""Nobody who knows everything that is published can tell a withheld cell within ten values: neither from one release
nor from two. The attack is exact: for each withheld cell the least and the greatest whole number of people is computed
that agrees with all published figures."""

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry.statistics.figures import rounded
from services.registry.statistics.places import COUNTY
from services.registry.statistics.suppression import (
    ALL_AGES,
    BOTH,
    SMALL,
    Cell,
    Table,
    withheld,
    withheld_parts,
)

numpy: Any = import_module("numpy")
optimize: Any = import_module("scipy.optimize")
sparse: Any = import_module("scipy.sparse")

AREAS = ("370102901", "370102902", "370103901", "370103902", "370103903")
BOUNDED = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PEOPLE = st.one_of(st.integers(0, 12), st.integers(0, 12), st.integers(10, 300))


def path(area: str) -> tuple[str, ...]:
    return (COUNTY, area[:6], area)


@st.composite
def tables(draw: st.DrawFn, most: int = 4) -> Table:
    areas = AREAS[: draw(st.integers(1, most))]
    ages = [0, 5, 10][: draw(st.integers(1, 3))]
    people = {Cell(area, sex, age): draw(PEOPLE) for area in areas for sex in ("female", "male") for age in ages}
    return Table(people, path)


def bounds(table: Table, hidden: set[Cell], cell: Cell) -> tuple[int, int]:
    """The least and the greatest value of a cell by all that is published: an integer programme."""
    lowest = [Cell(*each) for each in table.people if each.area in table.lowest()]
    published = [each for each in table.cells() if each not in hidden]

    def row(of: Cell) -> list[int]:
        return [
            int(of.area in path(each.area) and of.sex in (BOTH, each.sex) and of.age in (ALL_AGES, each.age))
            for each in lowest
        ]

    known = [table.cells()[each] for each in published]
    fixed = (
        [optimize.LinearConstraint(numpy.array([row(each) for each in published]), known, known)] if published else []
    )
    # Where nothing is published, nobody knows how many people there are at all.
    most = sum(table.people.values()) + 1000
    found = []
    for sign in (1, -1):
        answer = optimize.milp(
            sign * numpy.array(row(cell)),
            constraints=fixed,
            integrality=numpy.ones(len(lowest)),
            bounds=optimize.Bounds(0, most),
        )
        assert answer.success
        found.append(round(sign * answer.fun))
    return found[0], found[1]


def assert_safe(table: Table, hidden: set[Cell]) -> None:
    cells = table.cells()
    assert all(people >= SMALL for cell, people in cells.items() if cell not in hidden)
    for cell in sorted(hidden):
        least, greatest = bounds(table, hidden, cell)
        assert least <= cells[cell] <= greatest
        assert greatest - least >= SMALL, (cell, least, greatest)


@given(tables())
@BOUNDED
def test_no_withheld_cell_can_be_told_within_ten(table: Table) -> None:
    assert_safe(table, withheld(table))


@given(tables(), st.data())
@BOUNDED
def test_what_was_withheld_stays_so_in_the_next_release_and_is_as_safe(table: Table, data: st.DataObject) -> None:
    before = withheld(table)
    change = st.integers(-9, 9)
    later = Table({cell: max(0, people + data.draw(change)) for cell, people in table.people.items()}, path)
    hidden = withheld(later, before)
    assert before & later.cells().keys() <= hidden | set(later.same_as_all())
    assert_safe(later, hidden)


def bounds_by_all(
    releases: Sequence[tuple[Table, set[Cell]]], month: int, cell: Cell, exact: Collection[int] = ()
) -> tuple[int, int]:
    """The least and the greatest value of a cell in one of several releases that follow each other, for somebody who
    has them all as published, in tens, who knows besides that nothing below ten is published and that no lowest cell
    ever changed by more than nine. `exact`: the releases of which the county's total is known to the last person, as
    the balance of a year tells it."""
    lowest = [Cell(*each) for each in releases[0][0].people]
    width = len(lowest)

    def row(of: Cell, at: int) -> list[int]:
        here = [
            int(of.area in path(each.area) and of.sex in (BOTH, each.sex) and of.age in (ALL_AGES, each.age))
            for each in lowest
        ]
        return [0] * (width * at) + here + [0] * (width * (len(releases) - at - 1))

    rows, least, most = [], [], []
    for at, (table, hidden) in enumerate(releases):
        for each, people in table.cells().items():
            if each not in hidden:
                rows.append(row(each, at))
                told = at in exact and each == Cell(COUNTY)
                least.append(people if told else max(SMALL, rounded(people) - 5))
                most.append(people if told else rounded(people) + 4)
    for place in range(width, width * len(releases)):
        rows.append([(n == place) - (n == place - width) for n in range(width * len(releases))])
        least.append(-9)
        most.append(9)
    found = []
    for sign in (1, -1):
        answer = optimize.milp(
            sign * numpy.array(row(cell, month)),
            constraints=[optimize.LinearConstraint(sparse.csr_array(numpy.array(rows, dtype=int)), least, most)],
            integrality=numpy.ones(width * len(releases)),
            bounds=optimize.Bounds(0, 5000),
        )
        assert answer.success
        found.append(round(sign * answer.fun))
    return found[0], found[1]


def following(
    draw: Callable[[st.SearchStrategy[int]], int], table: Table, months: int, first: int = 0
) -> list[tuple[Table, set[Cell]]]:
    """Releases that follow each other, each with what it withholds. `first`: the month of the first, from 0 on."""
    releases = [(table, withheld(table))]
    for month in range(first + 1, first + months):
        before, earlier = releases[-1]
        gone = earlier if month % 12 else set[Cell]()
        people = {cell: max(0, count + draw(st.integers(-9, 9))) for cell, count in before.people.items()}
        later = Table(people, path)
        # As `population` has it: what the last release of the year did not give does not come back.
        releases.append((later, withheld(later, gone)))
    return releases


def assert_not_told(
    releases: Sequence[tuple[Table, set[Cell]]],
    month: int,
    exact: Collection[int] = (),
    cells: Collection[Cell] | None = None,
) -> None:
    """`cells`: those to be attacked, where all are too many."""
    table, hidden = releases[month]
    for cell in sorted(hidden if cells is None else hidden & set(cells)):
        least, greatest = bounds_by_all(releases, month, cell, exact)
        assert least <= table.cells()[cell] <= greatest
        assert greatest - least >= SMALL, (month, cell, least, greatest)


@given(tables(most=3), st.data())
@settings(BOUNDED, max_examples=10)
def test_two_releases_together_tell_a_withheld_cell_no_closer_than_ten(table: Table, data: st.DataObject) -> None:
    assert_not_told(following(data.draw, table, 2), 1)


@given(tables(most=2), st.data())
@settings(BOUNDED, max_examples=8)
def test_all_releases_of_a_year_together_tell_a_withheld_cell_no_closer_than_ten(
    table: Table, data: st.DataObject
) -> None:
    """Whoever kept all twelve asks of the last, and of any other month, what the months before and after it tell."""
    releases = following(data.draw, table, 12)
    for month in (11, data.draw(st.integers(0, 10))):
        assert_not_told(releases, month)


def one_by_one(table: Table) -> set[Cell]:
    """What a careless office withholds: small cells and nothing else."""
    return {cell for cell, people in table.cells().items() if people < SMALL}


def test_the_attack_finds_what_is_withheld_carelessly() -> None:
    people = {Cell(area, sex, 0): 100 for area in AREAS[:2] for sex in ("female", "male")}
    table = Table(people | {Cell(AREAS[0], "female", 0): 3}, path)
    hidden = one_by_one(table)
    assert bounds(table, hidden, Cell(AREAS[0], "female", 0)) == (3, 3)
    with pytest.raises(AssertionError):
        assert_safe(table, hidden)


def large(areas: Sequence[str] = AREAS) -> Table:
    return Table(
        {Cell(area, sex, age): 200 for area in areas for sex in ("female", "male") for age in (0, 5, 10)}, path
    )


def test_where_no_cell_is_small_all_is_published() -> None:
    assert withheld(large()) == set()


def test_one_small_cell_costs_three_dimensions_of_neighbours_and_no_margin() -> None:
    table = large()
    hidden = withheld(Table(dict(table.people) | {Cell(AREAS[0], "male", 0): 4}, path))
    assert len(hidden) == 8
    assert all(cell.sex != BOTH and cell.age != ALL_AGES for cell in hidden)


def test_of_a_county_below_ten_nothing_is_published() -> None:
    table = Table({Cell(AREAS[0], "male", 0): 5, Cell(AREAS[0], "female", 0): 4}, path)
    assert withheld(table) == set(table.cells())


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), PEOPLE, min_size=2))
def test_parts_of_a_sum_are_withheld_with_others(parts: Mapping[str, int]) -> None:
    hidden = withheld_parts(parts)
    assert {name for name, people in parts.items() if people < SMALL} <= hidden
    together = sum(parts[name] for name in hidden)
    if hidden and sum(parts.values()) >= SMALL:
        assert len(hidden) >= 2
        assert together >= SMALL  # each could be anything from nobody to all of them


def test_a_single_part_is_its_sum_and_one_withheld_before_stays_so() -> None:
    assert withheld_parts({"a": 3}) == set()
    assert withheld_parts({"a": 100, "b": 200, "c": 300}, {"c"}) == {"c", "a"}
