"""The life of an offer."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.handovers.rules import (
    ESCALATES_AFTER,
    FOLLOWING,
    OPEN,
    State,
    already,
    escalated_before,
    may_become,
    returns,
    waits_too_long,
)

DAY = date(2026, 6, 1)
DAYS = st.dates(date(2026, 1, 1), date(2027, 1, 1))


def test_only_what_she_agreed_to_is_offered_and_only_what_is_offered_is_accepted() -> None:
    assert [state for state in State if may_become(state, State.ACCEPTED)] == [State.OFFERED]
    assert [state for state in State if may_become(state, State.OFFERED)] == [State.ASKING]


@pytest.mark.parametrize("state", sorted(set(State) - OPEN - {State.ACCEPTED}))
def test_what_is_over_stays_over(state: State) -> None:
    assert not FOLLOWING[state]


@given(st.lists(st.sampled_from(sorted(State)), max_size=20))
def test_of_any_decisions_in_any_order_the_first_one_that_may_be_stands(wanted: list[State]) -> None:
    state, decided = State.OFFERED, None
    for each in wanted:
        if may_become(state, each):
            state = each
            decided = decided or each
    assert decided in (None, State.ACCEPTED, State.DECLINED, State.WITHDRAWN)
    assert decided is None or already(state, decided)


@given(st.sampled_from(sorted(State)), DAYS, DAYS)
def test_what_waits_too_long_is_what_was_made_before_that_day(state: State, since: date, today: date) -> None:
    assert waits_too_long(state, since, today) == (state in OPEN and since < escalated_before(today))


def test_an_offer_waits_a_week_before_supervisors_see_it() -> None:
    assert not waits_too_long(State.OFFERED, DAY, DAY + ESCALATES_AFTER)
    assert waits_too_long(State.OFFERED, DAY, DAY + ESCALATES_AFTER + timedelta(days=1))


def test_the_duty_goes_back_on_the_day_after_the_last() -> None:
    assert not returns(State.ACCEPTED, DAY, DAY)
    assert returns(State.ACCEPTED, DAY, DAY + timedelta(days=1))
    assert not returns(State.ACCEPTED, None, DAY)
    assert not returns(State.OFFERED, DAY, DAY + timedelta(days=1))
