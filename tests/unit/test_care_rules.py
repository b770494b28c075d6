"""A care contact is a function of window, facts and today; an outcome says what happened, and when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.contacts.outcomes import (
    Fault,
    Outcome,
    OutcomeKind,
    OutcomeRefused,
    Timing,
    Window,
    current,
    faults,
    follow_up_by,
    timing,
    undone,
)
from services.alerts.contacts.rules import (
    Facts,
    Kind,
    Standing,
    State,
    Transition,
    announcements,
    next_change_on,
    state,
    transitions,
)

DAY = timedelta(days=1)
# Weeks 21-24 of a pregnancy that began on 1 January 2026.
WINDOW = Window(date(2026, 5, 28), date(2026, 6, 24), date(2026, 7, 15))
NOTHING = Facts()
ORDER = [State.PLANNED, State.OPEN, State.OVERDUE, State.MISSED]


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Any window of up to seventy days, those included that are due on the day they open or close."""
    opens = draw(st.dates(date(2023, 1, 1), date(2029, 1, 1)))
    due = opens + timedelta(days=draw(st.integers(0, 40)))
    return Window(opens, due, due + timedelta(days=draw(st.integers(0, 30))))


WINDOWS = windows()
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from(OutcomeKind),
    st.dates(date(2023, 1, 1), date(2029, 1, 1)),
    st.dates(date(2023, 1, 1), date(2029, 1, 1)),
    st.none() | st.dates(date(2023, 1, 1), date(2029, 1, 1)),
)
FACTS = st.builds(Facts, st.lists(OUTCOMES, max_size=3).map(tuple), st.booleans())


def days_around(window: Window) -> list[date]:
    """Every day from a week before the window until a week behind it."""
    length = (window.closes_on - window.opens_on).days + 15
    return [window.opens_on - 7 * DAY + n * DAY for n in range(length)]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 5, 27), State.PLANNED),
        (date(2026, 5, 28), State.OPEN),
        (date(2026, 6, 24), State.OPEN),
        (date(2026, 6, 25), State.OVERDUE),
        (date(2026, 7, 15), State.OVERDUE),
        (date(2026, 7, 16), State.MISSED),
        (date(2027, 7, 16), State.MISSED),
    ],
)
def test_it_is_open_until_due_then_overdue_until_it_closes_then_missed(today: date, expected: State) -> None:
    assert state(WINDOW, NOTHING, today) is expected


@pytest.mark.parametrize("kind", OutcomeKind)
@pytest.mark.parametrize("today", [date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1), date(2027, 1, 1)])
def test_any_outcome_closes_it_on_any_day_and_taking_it_back_opens_it_again(kind: OutcomeKind, today: date) -> None:
    said = Outcome(kind, today, today)
    assert state(WINDOW, Facts((said,)), today) is State.CLOSED
    assert next_change_on(WINDOW, Facts((said,)), today) is None
    taken_back = Facts(undone((said,), today))
    assert state(WINDOW, taken_back, today) is state(WINDOW, NOTHING, today)


def test_a_contact_that_the_plan_no_longer_holds_is_closed() -> None:
    assert state(WINDOW, Facts(withdrawn=True), date(2026, 6, 1)) is State.CLOSED


@given(WINDOWS, FACTS)
def test_the_state_only_moves_forward_with_the_days(window: Window, facts: Facts) -> None:
    found = [state(window, facts, day) for day in days_around(window)]
    if State.CLOSED in found:
        assert set(found) == {State.CLOSED}
    else:
        assert [ORDER.index(each) for each in found] == sorted(ORDER.index(each) for each in found)
        assert found[0] is State.PLANNED
        assert found[-1] is State.MISSED


@given(WINDOWS, FACTS, st.integers(0, 80))
def test_the_next_change_is_the_first_day_on_which_the_state_is_another(
    window: Window, facts: Facts, place: int
) -> None:
    days = days_around(window)
    today = days[min(place, len(days) - 1)]
    now = state(window, facts, today)
    behind = [day for day in days if day > today and state(window, facts, day) is not now]
    assert next_change_on(window, facts, today) == (behind[0] if behind else None)


@given(WINDOWS, st.integers(0, 60), st.lists(st.integers(0, 90), max_size=6))
def test_whoever_was_away_announces_what_daily_looking_would_have_announced(
    window: Window, first: int, looks: list[int]
) -> None:
    days = days_around(window)
    seen = sorted({days[0], days[-1], *(days[min(place, len(days) - 1)] for place in (first, *looks))})

    def told(at: list[date]) -> list[Transition]:
        was, found = State.PLANNED, []
        for today in at:
            found += transitions(window, NOTHING, was, today)
            was = state(window, NOTHING, today)
        return found

    assert told(seen) == told(days)
    assert [each.kind for each in told(days)] in (
        [Kind.OPENED, Kind.OVERDUE, Kind.MISSED],
        [Kind.OPENED, Kind.MISSED],
    )
    assert all(state(window, NOTHING, each.on - DAY) is not state(window, NOTHING, each.on) for each in told(days))


TODAY = date(2026, 7, 1)  # overdue by then
DONE = Facts((Outcome(OutcomeKind.DONE, TODAY, TODAY),))


@pytest.mark.parametrize(
    ("facts", "was", "today", "expected"),
    [
        (NOTHING, State.OPEN, date(2026, 6, 1), []),
        (DONE, State.OPEN, TODAY, [Transition(Kind.CLOSED, TODAY)]),
        (DONE, State.OVERDUE, TODAY, [Transition(Kind.CLOSED, TODAY)]),
        (DONE, State.PLANNED, TODAY, []),  # nobody had been told of it
        (DONE, State.MISSED, TODAY, []),  # it had left the list before
        (NOTHING, State.CLOSED, TODAY, [Transition(Kind.OVERDUE, TODAY)]),  # an outcome was taken back
        (NOTHING, State.MISSED, TODAY, [Transition(Kind.OVERDUE, TODAY)]),  # a revised date moved the window
        (NOTHING, State.OVERDUE, date(2026, 6, 1), [Transition(Kind.OPENED, date(2026, 6, 1))]),
        (NOTHING, State.OPEN, date(2026, 5, 1), [Transition(Kind.CLOSED, date(2026, 5, 1))]),
        (NOTHING, State.CLOSED, date(2026, 5, 1), []),
    ],
)
def test_new_facts_are_told_as_one_step(facts: Facts, was: State, today: date, expected: list[Transition]) -> None:
    assert transitions(WINDOW, facts, was, today) == expected


def test_nothing_is_overdue_whose_window_ends_on_the_due_day() -> None:
    window = Window(date(2026, 4, 23), date(2026, 5, 27), date(2026, 5, 27))
    assert next_change_on(window, NOTHING, date(2026, 5, 27)) == date(2026, 5, 28)
    assert state(window, NOTHING, date(2026, 5, 28)) is State.MISSED
    assert [each.kind for each in transitions(window, NOTHING, State.PLANNED, date(2026, 5, 28))] == [
        Kind.OPENED,
        Kind.MISSED,
    ]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 5, 21), Timing.EARLY),
        (date(2026, 5, 27), Timing.EARLY),
        (date(2026, 5, 28), Timing.ON_TIME),
        (date(2026, 6, 24), Timing.ON_TIME),
        (date(2026, 6, 25), Timing.LATE),
        (date(2026, 12, 1), Timing.LATE),
    ],
)
def test_when_it_happened_counts_and_not_when_it_was_written_down(on: date, expected: Timing) -> None:
    for written_after in (0, 1, 100):
        said = Outcome(OutcomeKind.DONE, on, on + written_after * DAY)
        assert timing(WINDOW, said) is expected
        assert said.back_dated == (written_after > 0)
        assert faults(WINDOW, (), said) == []


@pytest.mark.parametrize("kind", sorted(set(OutcomeKind) - {OutcomeKind.DONE}))
def test_only_done_has_a_time(kind: OutcomeKind) -> None:
    assert timing(WINDOW, Outcome(kind, TODAY, TODAY)) is None


def test_what_is_refused() -> None:
    tomorrow = Outcome(OutcomeKind.DONE, TODAY + DAY, TODAY)
    assert faults(WINDOW, (), tomorrow) == [Fault.IN_THE_FUTURE]
    early = date(2026, 5, 20)
    assert faults(WINDOW, (), Outcome(OutcomeKind.DONE, early, TODAY)) == [Fault.BEFORE_THE_WINDOW]
    assert faults(WINDOW, (), Outcome(OutcomeKind.DECLINED, early, early)) == []
    assert faults(WINDOW, DONE.outcomes, Outcome(OutcomeKind.DECLINED, TODAY, TODAY)) == [Fault.HAS_AN_OUTCOME]


def test_what_was_taken_back_stays_on_record_and_another_outcome_may_follow() -> None:
    taken_back = undone(DONE.outcomes, TODAY + DAY)
    assert taken_back == (Outcome(OutcomeKind.DONE, TODAY, TODAY, TODAY + DAY),)
    assert current(taken_back) is None
    late = Outcome(OutcomeKind.DONE, TODAY, TODAY + DAY)
    assert faults(WINDOW, taken_back, late) == []
    assert current((*taken_back, late)) == late
    with pytest.raises(OutcomeRefused, match="undone-already") as refused:
        undone(taken_back, TODAY + DAY)
    assert refused.value.fault is Fault.UNDONE_ALREADY


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((State.OPEN, "A"), (State.OPEN, "B"), [("A", Kind.MOVED_AWAY), ("B", Kind.MOVED_HERE)]),
        ((State.OVERDUE, "A"), (State.OVERDUE, None), [("A", Kind.MOVED_AWAY)]),
        ((State.OPEN, None), (State.OPEN, "B"), [("B", Kind.MOVED_HERE)]),
        ((State.PLANNED, "A"), (State.PLANNED, "B"), []),
        ((State.OPEN, "A"), (State.OPEN, "A"), []),
    ],
)
def test_a_hand_over_is_told_to_both_facilities_if_either_could_see_it(
    before: tuple[State, str | None], after: tuple[State, str | None], expected: list[tuple[str, Kind]]
) -> None:
    assert announcements(Standing(*before), Standing(*after)) == expected


def test_the_result_of_a_referral_is_followed_up_within_fourteen_days() -> None:
    assert follow_up_by(date(2028, 2, 15)) == date(2028, 2, 29)
    assert follow_up_by(date(2026, 12, 20)) == date(2027, 1, 3)
