"""Ranges of positions: what is absent, and what is absent twice, against sets."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.reconciliation.ranges import Lost, absent, both, lost_twice, places

POSITIONS = st.sets(st.integers(1, 40))


def stands_of(positions: set[int]) -> bytearray:
    stands = bytearray(max(positions, default=0) + 1)
    for position in positions:
        stands[position] = 1
    return stands


def members(ranges: list[tuple[int, int]]) -> list[int]:
    return [position for first, last in ranges for position in range(first, last + 1)]


@given(POSITIONS, st.integers(1, 5), st.integers(0, 50))
def test_absent_is_what_is_not_in_the_set(positions: set[int], first: int, last: int) -> None:
    found = list(absent(stands_of(positions), first, last))
    assert members(found) == [each for each in range(first, last + 1) if each not in positions]
    assert all(after[0] > before[1] + 1 for before, after in pairwise(found))


@given(POSITIONS, POSITIONS)
def test_both_is_the_intersection(one: set[int], other: set[int]) -> None:
    found = both(list(absent(stands_of(one), 1, 45)), list(absent(stands_of(other), 1, 45)))
    assert members(found) == sorted(set(range(1, 46)) - one - other)


def test_places_name_one_position_or_a_range() -> None:
    assert places("t/0", [(3, 3), (5, 9)]) == ["t/0: 3", "t/0: 5-9"]


def test_what_is_missed_twice_is_lost_but_for_what_is_on_its_way() -> None:
    holes, tail = [(3, 3)], [(10, 40)]
    standing = Lost([*holes, *tail], 9)
    assert lost_twice(standing, standing).ranges == [*holes, *tail]
    assert lost_twice(standing, Lost([*holes, (15, 40)], 14)).ranges == holes, "published on in between"
    assert lost_twice(Lost([(1, 40)], 0), Lost([(20, 40)], 19)).ranges == [], "begun anew in between"
    assert lost_twice(standing, Lost([], 40)).ranges == []
