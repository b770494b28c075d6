"""What a worklist shows and in which order: merged lists keep every row, once, by what is due."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.alerts.registration_help.rules import month_after
from services.alerts.worklist.rules import (
    Kind,
    Look,
    Place,
    Source,
    Wanted,
    When,
    last_overdue_birth,
    merged,
    more,
    reached,
)

DAYS = some.dates(date(2024, 1, 1), date(2028, 12, 31))


@dataclass(frozen=True)
class Row:
    due_on: date
    place: tuple[date, UUID]


@given(some.dictionaries(some.sampled_from(Source), some.lists(DAYS, max_size=6)), some.integers(1, 12))
def test_merged_lists_are_the_first_rows_by_what_is_due(lists: dict[Source, list[date]], limit: int) -> None:
    rows = {source: [row(day) for day in sorted(days)] for source, days in lists.items()}
    found = merged({source: Look(each) for source, each in rows.items()}, limit)
    assert [row.due_on for _, row in found] == sorted(day for days in lists.values() for day in days)[:limit]
    for source, every in rows.items():
        taken = [row for which, row in found if which is source]
        assert taken == every[: len(taken)]


@given(
    some.dictionaries(some.sampled_from(Source), some.lists(some.tuples(DAYS, some.booleans()), max_size=12)),
    some.integers(1, 4),
    some.integers(1, 5),
)
def test_pages_of_bounded_looks_show_every_wanted_row_once_in_order(
    lists: dict[Source, list[tuple[date, bool]]], limit: int, most: int
) -> None:
    """A look sees no more than `most` rows of a list; of these only some are wanted."""
    rows = {
        source: [(row(day, number), wanted) for number, (day, wanted) in enumerate(sorted(each))]
        for source, each in lists.items()
    }
    places: dict[Source, Place] = {}
    told: list[Row] = []
    for _ in range(1 + sum(map(len, rows.values()))):
        looks = {source: looked(each, places.get(source), limit + 1, most) for source, each in rows.items()}
        shown = merged(looks, limit)
        told += [row for _, row in shown]
        if not more(looks, shown):
            break
        before, places = places, reached(places, looks, shown)
        assert places != before
    else:
        raise AssertionError("it never ends")
    assert [each.due_on for each in told] == sorted(each.due_on for each in told)
    wanted = {source: [row for row, fits in each if fits] for source, each in rows.items()}
    assert sorted(told, key=lambda each: each.place) == sorted(
        (row for each in wanted.values() for row in each), key=lambda each: each.place
    )


def row(day: date, number: int = 0) -> Row:
    """A row that is due that day."""
    return Row(day, (day, UUID(int=number)))


def looked(rows: list[tuple[Row, bool]], after: Place | None, limit: int, most: int) -> Look[Row]:
    """A bounded look through one list."""
    following = [each for each in rows if after is None or each[0].place > after]
    seen = following[:most]
    found = [each for each, fits in seen if fits]
    if len(found) >= limit:
        return Look(found[:limit], found[limit - 1].place, found[limit - 1].due_on)
    last = seen[-1][0] if seen else None
    return Look(found, last.place if last else after, last.due_on if last and len(seen) < len(following) else None)


@given(DAYS)
def test_births_are_overdue_up_to_one_day_and_not_after(today: date) -> None:
    last = last_overdue_birth(today)
    assert month_after(last) < today <= month_after(last + timedelta(days=1))


@pytest.mark.parametrize(
    ("wanted", "sources"),
    [
        (Wanted(), (Source.HELP, Source.OVERDUE, Source.OPEN)),
        (Wanted(When.OVERDUE), (Source.HELP, Source.OVERDUE)),
        (Wanted(When.SOON), (Source.PLANNED,)),
        (Wanted(mine=True), (Source.OVERDUE, Source.OPEN)),
        (Wanted(schedule="cn-antenatal"), (Source.OVERDUE, Source.OPEN)),
        (Wanted(kinds=frozenset({Kind.REGISTRATION})), (Source.HELP,)),
        (Wanted(kinds=frozenset({Kind.CHILD})), (Source.OVERDUE, Source.OPEN)),
    ],
)
def test_only_lists_in_which_something_wanted_can_stand_are_read(wanted: Wanted, sources: tuple[Source, ...]) -> None:
    assert wanted.sources == sources
