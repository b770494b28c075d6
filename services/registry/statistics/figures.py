"""From counts to what is published. Pure: rows of counts in, figures out, withheld ones as None."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from services.registry.statistics.places import COUNTY, township
from services.registry.statistics.suppression import (
    ALL_AGES,
    BOTH,
    SMALL,
    Cell,
    Table,
    withheld,
    withheld_parts,
)

AGES = range(0, 90, 5)  # the last group is open
ROUNDED_TO = 10
REST = "-rest"
"""Added to an area of which no lower one is known."""


class Figure(NamedTuple):
    """One published figure; None: it is withheld. `age`: the first year of a five-year group; -1: all ages."""

    area: str
    sex: str
    age: int
    value: float | None


def rounded(people: float) -> int:
    """To the nearest ten: what changes by less than ten from one month to the next cannot be seen to change."""
    return int(people / ROUNDED_TO + 0.5) * ROUNDED_TO


def lowest_area(found: str) -> str:
    """The township of a place, or the rest of its county."""
    return township(found) if len(found) >= 9 else f"{found}{REST}"


def path_in(counties: AbstractSet[str]) -> Callable[[str], tuple[str, ...]]:
    """The areas around a township, the whole county first. A register of one county has it for its whole."""
    if len(counties) <= 1:
        return lambda area: (COUNTY, area)
    return lambda area: (COUNTY, area[:6], area)


def population(
    places: Mapping[tuple[str, str, int], int], counties: AbstractSet[str], before: Sequence[Figure] = ()
) -> list[Figure]:
    """The table by area, sex and age group, and of villages the totals. `places`: people by place, sex and age group;
    `before`: the figures of the last release of the year, of which none comes back that was withheld."""
    people: Counter[Cell] = Counter()
    villages: dict[str, Counter[str]] = {}
    for (found, sex, age), count in places.items():
        people[Cell(lowest_area(found), sex, age)] += count
        if len(found) >= 9:
            village = found if len(found) == 12 else f"{found}{REST}"
            villages.setdefault(township(found), Counter())[village] += count
    if not +people:
        return [Figure(COUNTY, BOTH, ALL_AGES, None)]
    table = Table(people, path_in(counties))
    cells = table.cells()
    gone = {Cell(*each[:3]) for each in before if each.value is None}
    hidden = withheld(table, gone)
    figures = [Figure(*cell, None if cell in hidden else rounded(count)) for cell, count in sorted(cells.items())]
    for area, parts in sorted(villages.items()):
        if Cell(area) not in cells:
            continue
        earlier = {cell.area for cell in gone if cell.area in parts}
        closed = set(parts) if Cell(area) in hidden else withheld_parts(parts, earlier)
        figures += [
            Figure(village, BOTH, ALL_AGES, None if village in closed else rounded(count))
            for village, count in sorted(parts.items())
        ]
    return figures


def monthly(happened: int) -> list[Figure]:
    """What happened in the county in a month: rounded, for the year's exact sum would tell the one month withheld."""
    return [Figure(COUNTY, BOTH, ALL_AGES, None if happened < SMALL else rounded(happened))]


def of_county(value: float | None) -> list[Figure]:
    """A single figure of the whole county."""
    return [Figure(COUNTY, BOTH, ALL_AGES, value)]


def of_townships(county: list[Figure], parts: Mapping[str, int]) -> list[Figure]:
    """The county's figure, and what happened in each township: rounded, small ones and their complements withheld."""
    hidden = withheld_parts(parts) if len(parts) > 1 else {area for area, count in parts.items() if count < SMALL}
    return county + [
        Figure(area, BOTH, ALL_AGES, None if area in hidden else rounded(count))
        for area, count in sorted(parts.items())
    ]


def value_of(figures: Iterable[Figure], area: str = COUNTY) -> float | None:
    """The total of an area as published."""
    return next((each.value for each in figures if each[:3] == (area, BOTH, ALL_AGES)), None)
