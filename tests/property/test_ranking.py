"""Ranking: better agreement never stands lower, and the order does not depend on who was read first."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.registry.facts.state import PersonState
from services.registry.search.rules import ORDER, Grade, Why, compare, ranked, weakest

GRADES = st.sampled_from(Grade)
WHYS = st.fixed_dictionaries({"name": GRADES, "birth_date": GRADES})
HITS = st.lists(st.tuples(st.uuids(), WHYS), max_size=30, unique_by=lambda hit: hit[0])
NAMES = st.sampled_from(["陈晓明", "陳曉明", "Chen Xiaoming", "陈小明", "晓明陈", "王芳", "欧阳娜娜", "欧阳娜", ""])
DAYS = st.dates(date(1989, 1, 1), date(1991, 12, 31)) | st.sampled_from([date(1990, 5, 17), date(1990, 1, 1)])


def better(one: Why, other: Why) -> bool:
    """Whether one agrees at least as well in everything, and better in something."""
    return one != other and all(ORDER[one[field]] <= ORDER[other[field]] for field in one)


@given(HITS)
def test_who_agrees_better_in_something_and_worse_in_nothing_stands_higher(hits: list[tuple[UUID, Why]]) -> None:
    order = ranked(hits)
    for place, (_, why) in enumerate(order):
        assert not any(better(later, why) for _, later in order[place + 1 :])


@given(HITS)
def test_exact_hits_come_before_variants_and_those_before_similar_ones(hits: list[tuple[UUID, Why]]) -> None:
    grades = [ORDER[weakest(why)] for _, why in ranked(hits)]
    assert grades == sorted(grades)


@given(st.data())
def test_the_order_is_the_same_whoever_was_read_first(data: st.DataObject) -> None:
    hits = data.draw(HITS)
    assert ranked(data.draw(st.permutations(hits))) == ranked(hits)
    assert sorted(ranked(hits), key=lambda hit: hit[0]) == sorted(hits, key=lambda hit: hit[0])


@given(NAMES, DAYS, NAMES, DAYS)
def test_comparing_is_symmetrical_and_the_same_is_exact(name: str, born: date, other: str, day: date) -> None:
    forth = compare(name, born, PersonState(name=other, birth_date=day))
    back = compare(other, day, PersonState(name=name, birth_date=born))
    assert forth == back
    if name and (name, born) == (other, day):
        assert forth == {"name": Grade.EXACT, "birth_date": Grade.EXACT}
    if forth is not None:
        assert Grade.SIMILAR not in forth.values() or set(forth.values()) != {Grade.SIMILAR}


@given(NAMES, DAYS)
def test_nobody_without_a_name_or_a_birth_date_is_a_hit(name: str, born: date) -> None:
    assert compare(name, born, PersonState(birth_date=born)) is None
    assert compare(name, born, PersonState(name=name)) is None
