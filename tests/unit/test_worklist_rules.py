"""What a worklist shows and in which order: merged lists keep every row, once, by what is due."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.alerts.registration_help.rules import month_after
from services.alerts.worklist.rules import Kind, Source, Wanted, When, last_overdue_birth, merged

DAYS = some.dates(date(2024, 1, 1), date(2028, 12, 31))


@dataclass(frozen=True)
class Row:
    due_on: date
    place: tuple[date, UUID]


@given(some.dictionaries(some.sampled_from(Source), some.lists(DAYS, max_size=6)), some.integers(1, 12))
def test_merged_lists_are_the_first_rows_by_what_is_due(lists: dict[Source, list[date]], limit: int) -> None:
    rows = {source: [Row(day, (day, UUID(int=0))) for day in sorted(days)] for source, days in lists.items()}
    found = merged(rows, limit)
    assert [row.due_on for _, row in found] == sorted(day for days in lists.values() for day in days)[:limit]
    for source, every in rows.items():
        taken = [row for which, row in found if which is source]
        assert taken == every[: len(taken)]


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
