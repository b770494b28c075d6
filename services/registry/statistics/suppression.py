"""Which cells of a population table are not published: small ones, and as many others as it takes to protect them.

A table holds people by area × sex × age with all margins, along a tree of areas. A cell below ten is not published. Nor
are the cells of a *move* through it: people exchanged crosswise between two areas, two sexes or two age groups, so that
every published figure stays as it is. Whoever knows all published figures cannot tell how often the move was made; it
can be made at least ten times in all (forth and back), so the cells it touches cannot be told closer than that.
Since a move protects every cell that it touches, no cell withheld for another needs protection of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice, product
from typing import NamedTuple, TypeVar

from services.registry.statistics.places import COUNTY

SMALL = 10
"""Below it a cell is not published, and within fewer than this many values no cell can be told."""
BOTH, ALL_AGES = "", -1
PARTNERS = 8  # areas, and ages, looked at before all of them are

Value = TypeVar("Value", str, int)


class Cell(NamedTuple):
    """A figure of the table: an area of the tree, a sex or both, the first year of an age group or all ages."""

    area: str
    sex: str = BOTH
    age: int = ALL_AGES


class Move(NamedTuple):
    """People exchanged between up to two lowest areas, sexes and age groups."""

    areas: tuple[str, ...]
    sexes: tuple[str, ...]
    ages: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """People by lowest area, sex and age group. `path`: the areas that hold a lowest area, the county first, itself
    last."""

    people: Mapping[Cell, int]
    path: Callable[[str], Sequence[str]]

    def cells(self) -> Counter[Cell]:
        """Every figure of the table, margins among them; those of nobody, too."""
        areas, sexes, ages = self.lowest(), self.sexes(), self.ages()
        found: Counter[Cell] = Counter()
        for area, sex, age in product(areas, sexes, ages):
            for node, each, group in product(self.path(area), (sex, BOTH), (age, ALL_AGES)):
                found[Cell(node, each, group)] += self.people.get(Cell(area, sex, age), 0)
        return found

    def lowest(self) -> list[str]:
        """The lowest areas that have anybody."""
        return sorted({cell.area for cell, people in self.people.items() if people})

    def sexes(self) -> list[str]:
        """The sexes of the table."""
        return sorted({cell.sex for cell in self.people})

    def ages(self) -> list[int]:
        """The age groups of the table."""
        return sorted({cell.age for cell in self.people})

    def same_as_all(self) -> Iterator[Cell]:
        """The figures that are everybody, because there is one county, one sex or one age group only."""
        areas, sexes, ages = self.lowest(), self.sexes(), self.ages()
        around = set.intersection(*(set(self.path(area)) for area in areas)) if areas else set()
        return (
            Cell(*each)
            for each in product(
                around,
                (BOTH, *(sexes if len(sexes) == 1 else ())),
                (ALL_AGES, *(ages if len(ages) == 1 else ())),
            )
        )

    def touched(self, move: Move) -> Iterator[Cell]:
        """The figures that the move changes, each by one."""
        paths = [set(self.path(area)) for area in move.areas]
        nodes = paths[0] if len(paths) == 1 else paths[0] ^ paths[1]
        sexes = move.sexes if len(move.sexes) == 2 else (*move.sexes, BOTH)
        ages = move.ages if len(move.ages) == 2 else (*move.ages, ALL_AGES)
        return (Cell(*each) for each in product(nodes, sexes, ages))

    def room(self, move: Move) -> int:
        """How often the move can be made, forth and back together, before somewhere nobody is left."""
        ends: tuple[list[int], list[int]] = ([], [])
        for (a, area), (s, sex), (g, age) in product(
            enumerate(move.areas), enumerate(move.sexes), enumerate(move.ages)
        ):
            ends[(a + s + g) % 2].append(self.people.get(Cell(area, sex, age), 0))
        return min(ends[0]) + min(ends[1]) if ends[1] else 0


def withheld(table: Table, before: AbstractSet[Cell] = frozenset()) -> set[Cell]:
    """The cells that are not published. `before`: those that were not in earlier releases of the year, and stay so."""
    cells = table.cells()
    everybody = Cell(COUNTY)
    if cells[everybody] < SMALL:
        return set(cells)
    same = set(table.same_as_all())
    hidden = ({cell for cell, people in cells.items() if people < SMALL} | (before & cells.keys())) - same
    protected: set[Cell] = set()
    # Margins first: what protects them protects much beneath them.
    for cell in sorted(hidden, key=lambda each: (each.age != ALL_AGES, each.sex != BOTH, each)):
        if cell not in protected:
            touched = _cheapest(table, cells, cell, hidden, everybody)
            if touched is None:
                return set(cells) - same  # then each could be anything from nobody to everybody
            hidden |= touched
            protected |= touched
    return hidden


def withheld_parts(parts: Mapping[str, int], before: AbstractSet[str] = frozenset()) -> set[str]:
    """The parts of a published sum that are not published: small ones, and the smallest others until those withheld are
    at least two and ten together. A single part is published with its sum."""
    if len(parts) == 1:
        return set()
    hidden = {name for name, people in parts.items() if people < SMALL} | (before & parts.keys())
    rest = sorted(parts.keys() - hidden, key=lambda name: (parts[name], name))
    while hidden and rest and (len(hidden) < 2 or sum(parts[name] for name in hidden) < SMALL):
        hidden.add(rest.pop(0))
    return hidden


def _cheapest(
    table: Table, cells: Mapping[Cell, int], cell: Cell, hidden: AbstractSet[Cell], everybody: Cell
) -> set[Cell] | None:
    """What the move touches that protects the cell and hides the fewest people who are not hidden already."""
    for nearest in (PARTNERS, None):
        best: tuple[int, int, set[Cell]] | None = None
        for move in _moves(table, cell, nearest):
            touched = set(table.touched(move))
            if everybody in touched or cell not in touched:
                continue
            fresh = touched - hidden
            cost = sum(cells[each] for each in fresh)
            if (best is None or (cost, len(fresh)) < best[:2]) and table.room(move) >= SMALL:
                best = (cost, len(fresh), touched)
        if best is not None:
            return best[2]
    return None


def _moves(table: Table, cell: Cell, nearest: int | None) -> Iterator[Move]:
    lowest = table.lowest()
    inside = [area for area in lowest if cell.area in table.path(area)]
    outside = [area for area in lowest if area not in inside]
    sexes = _ends(table.sexes(), cell.sex, BOTH)
    ages = _ends(table.ages(), cell.age, ALL_AGES, nearest)
    for area in islice(sorted(inside, key=lambda each: -_people(table, each, cell)), nearest):
        near = sorted(outside, key=lambda each: (-_common(table, area, each), -_people(table, each, cell)))
        pairs: Iterable[tuple[str, ...]] = [*((area, other) for other in islice(near, nearest)), (area,)]
        yield from (Move(*each) for each in product(pairs, sexes, ages))


def _ends(values: Sequence[Value], chosen: Value, every: Value, nearest: int | None = None) -> list[tuple[Value, ...]]:
    """One value alone, or exchanged with another; of a margin each value alone, for only that changes the margin."""
    if chosen == every:
        return [(value,) for value in values]
    middle = values.index(chosen)
    others = sorted(set(values) - {chosen}, key=lambda each: abs(values.index(each) - middle))
    pairs: list[tuple[Value, ...]] = [(chosen, other) for other in others[:nearest]]
    pairs.append((chosen,))
    return pairs


def _people(table: Table, area: str, cell: Cell) -> int:
    return sum(
        table.people.get(Cell(area, sex, age), 0)
        for sex in ([cell.sex] if cell.sex != BOTH else table.sexes())
        for age in ([cell.age] if cell.age != ALL_AGES else table.ages())
    )


def _common(table: Table, one: str, other: str) -> int:
    return len(set(table.path(one)) & set(table.path(other)))
