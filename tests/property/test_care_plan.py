"""Plans of care: windows in order, nothing counted twice, and the same plan however the facts were learnt."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.schedules.catalogue import load
from services.alerts.schedules.facts import Child, Dating, Ending, EpisodeFacts, Finished, Referral, Risk
from services.alerts.schedules.moves import Change, moves, preview
from services.alerts.schedules.offsets import Offset
from services.alerts.schedules.plan import Standing, outline, plan, upcoming
from services.alerts.schedules.selection import Choice

CATALOGUE = load()
CHOICES = [Choice(*names) for names in CATALOGUE]
CODES = sorted((schedule.schedule, code) for schedule in CATALOGUE.values() for code in schedule.by_code)
BOUNDED = settings(max_examples=60, deadline=None)
DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))
CHILDREN = st.builds(
    Child, st.just(0), DAYS, st.none() | DAYS, st.none() | st.booleans(), st.booleans(), st.booleans(), st.booleans()
)
FINISHED = st.builds(
    lambda names, child, ending, on: Finished(names[0], names[1], child, ending, on),
    st.sampled_from(CODES),
    st.none() | st.integers(1, 3),
    st.sampled_from(Ending),
    DAYS,
)


@st.composite
def episodes(draw: st.DrawFn) -> EpisodeFacts:
    """Any episode, those included that no careful person would enter."""
    children = [replace(each, number=place) for place, each in enumerate(draw(st.lists(CHILDREN, max_size=3)), 1)]
    referrals = [
        Referral(place, on, child)
        for place, (on, child) in enumerate(
            draw(st.lists(st.tuples(DAYS, st.none() | st.integers(1, 3)), max_size=3)), 1
        )
    ]
    finished = draw(st.lists(FINISHED, max_size=12, unique_by=lambda each: (each.schedule, each.code, each.child)))
    return EpisodeFacts(
        enrolled_on=draw(DAYS),
        lmp=draw(st.none() | DAYS),
        edd=draw(st.none() | DAYS),
        dating=draw(st.sampled_from(Dating)),
        dated_on=draw(st.none() | DAYS),
        delivered_on=draw(st.none() | DAYS),
        discharged_on=draw(st.none() | DAYS),
        multiple=draw(st.booleans()),
        children=tuple(children),
        risk=draw(st.none() | st.builds(Risk, st.just("cn-2017"), st.sampled_from(["green", "orange", "red"]), DAYS)),
        referrals=tuple(referrals),
        finished=tuple(finished),
    )


EPISODES = episodes()


@BOUNDED
@given(EPISODES)
def test_every_window_opens_is_due_and_closes_in_this_order(facts: EpisodeFacts) -> None:
    for each in plan(CATALOGUE, CHOICES, facts):
        assert each.opens_on <= each.due_on <= each.closes_on
        assert each.closes_on >= facts.enrolled_on


@BOUNDED
@given(EPISODES)
def test_windows_of_one_series_never_overlap_unless_one_waits_for_the_other(facts: EpisodeFacts) -> None:
    series = defaultdict(list)
    for each in outline(CATALOGUE, CHOICES, facts):
        series[each.schedule, each.child, each.series].append(each)
    for contacts in series.values():
        for former, latter in pairwise(sorted(contacts, key=lambda each: each.number)):
            waiting = CATALOGUE[latter.schedule, latter.version].by_code.get(latter.code)
            if waiting is None or waiting.after is None:
                assert former.closes_on < latter.opens_on
            elif latter.standing is Standing.WAITS:
                assert former.opens_on < latter.opens_on


@BOUNDED
@given(EPISODES)
def test_no_contact_stands_twice(facts: EpisodeFacts) -> None:
    keys = [each.key for each in outline(CATALOGUE, CHOICES, facts)]
    assert len(set(keys)) == len(keys)


@BOUNDED
@given(EPISODES, st.data())
def test_the_plan_does_not_depend_on_the_order_in_which_facts_were_learnt(
    facts: EpisodeFacts, data: st.DataObject
) -> None:
    other = replace(
        facts,
        children=tuple(data.draw(st.permutations(facts.children))),
        referrals=tuple(data.draw(st.permutations(facts.referrals))),
        finished=tuple(data.draw(st.permutations(facts.finished))),
    )
    assert outline(CATALOGUE, data.draw(st.permutations(CHOICES)), other) == outline(CATALOGUE, CHOICES, facts)


@BOUNDED
@given(EPISODES)
def test_what_is_finished_is_planned_no_more_and_all_else_is_as_it_was(facts: EpisodeFacts) -> None:
    before = plan(CATALOGUE, CHOICES, facts)
    for row in upcoming(before):
        done = Finished(row.schedule, row.code, row.child, Ending.MISSED, row.closes_on)
        after = plan(CATALOGUE, CHOICES, replace(facts, finished=(*facts.finished, done)))
        assert row.key not in {each.key for each in after}
        others = {each.key: each for each in after if each.series != row.series or each.child != row.child}
        assert others == {
            each.key: each
            for each in before
            if each.key != row.key and (each.series != row.series or each.child != row.child)
        }


@BOUNDED
@given(EPISODES)
def test_finishing_row_after_row_comes_to_an_end_and_passes_every_contact_once(facts: EpisodeFacts) -> None:
    passed = []
    while rows := upcoming(plan(CATALOGUE, CHOICES, facts)):
        passed += [row.key for row in rows]
        done = tuple(Finished(row.schedule, row.code, row.child, Ending.DONE, row.opens_on) for row in rows)
        facts = replace(facts, finished=(*facts.finished, *done))
    assert len(set(passed)) == len(passed)


@BOUNDED
@given(EPISODES)
def test_one_row_at_most_stands_for_each_series_and_waits_for_nothing(facts: EpisodeFacts) -> None:
    rows = upcoming(plan(CATALOGUE, CHOICES, facts))
    assert len({(row.schedule, row.child, row.series) for row in rows}) == len(rows)
    assert all(row.waits_for is None for row in rows)


@BOUNDED
@given(EPISODES, EPISODES)
def test_what_would_move_is_exactly_the_difference_between_the_two_plans(
    facts: EpisodeFacts, other: EpisodeFacts
) -> None:
    before, after = plan(CATALOGUE, CHOICES, facts), plan(CATALOGUE, CHOICES, other)
    found = preview(CATALOGUE, CHOICES, facts, new_facts=other)
    applied = {each.key: each for each in before}
    for move in found:
        if move.before and move.change is not Change.APPEARS:
            del applied[move.before.key]
        if move.after:
            applied[move.after.key] = move.after
    windows = {each.key: (each.opens_on, each.due_on, each.closes_on) for each in applied.values()}
    assert windows == {each.key: (each.opens_on, each.due_on, each.closes_on) for each in after}
    assert moves(after, after) == []


@given(DAYS, st.integers(0, 90))
def test_a_month_later_is_in_the_next_month_and_on_the_same_day_or_the_last(day: date, count: int) -> None:
    later = Offset(count, 0).after(day)
    assert later.year * 12 + later.month == day.year * 12 + day.month + count
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(0, 300))
def test_weeks_and_days_are_plain_counting(day: date, count: int) -> None:
    assert Offset.parse(f"{count} weeks").after(day) == day + timedelta(days=7 * count)
    assert Offset.parse(f"{count} days").after(day) == day + timedelta(days=count)
    assert Offset.parse(f"1 year + {count} days").after(day) == Offset(12, 0).after(day) + timedelta(days=count)
