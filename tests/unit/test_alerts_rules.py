"""Help with birth registration is a function of window, facts and today."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.registration_help.rules import (
    Facts,
    Kind,
    Standing,
    State,
    Window,
    announcements,
    month_after,
    next_change_on,
    state,
)

BORN = date(2026, 3, 1)
WINDOW = Window.of(BORN)
ASKED = Facts(asked=True)

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
FACTS = st.builds(Facts, *[st.booleans()] * 6)
# One thing learnt at a time, as entries bring it; the wish itself is the same in all of them.
LEARNT = st.sampled_from(
    [
        ASKED,
        Facts(asked=True, registered=True),
        Facts(asked=True, adopted=True),
        Facts(asked=True, refused=True),
        Facts(asked=True, mother_alive=False),
        Facts(asked=True, child_alive=False),
    ]
)


def learn(facts: list[Facts]) -> Facts:
    """What is known after hearing all of them."""
    known = ASKED
    for fact in facts:
        known = known.joined(fact)
    return known


def test_it_waits_until_day_fifteen_and_is_open_from_then_on() -> None:
    assert state(WINDOW, ASKED, BORN + timedelta(days=14)) is State.WAITING
    assert state(WINDOW, ASKED, BORN + timedelta(days=15)) is State.OPEN
    assert state(WINDOW, ASKED, BORN + timedelta(days=400)) is State.OPEN


@pytest.mark.parametrize(
    ("born", "due"),
    [
        (date(2026, 3, 1), date(2026, 4, 1)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2026, 1, 29), date(2026, 2, 28)),
        (date(2026, 5, 31), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2026, 11, 30), date(2026, 12, 30)),
    ],
)
def test_registration_is_due_one_calendar_month_after_birth(born: date, due: date) -> None:
    assert Window.of(born).due_on == due


@pytest.mark.parametrize(
    "end",
    [
        Facts(asked=True, registered=True),
        Facts(asked=True, adopted=True),
        Facts(asked=True, refused=True),
        Facts(asked=True, mother_alive=False),
        Facts(asked=True, child_alive=False),
        Facts(asked=False),
    ],
    ids=["registered", "adopted", "refused", "mother died", "child died", "annulled"],
)
def test_every_end_closes_it_before_and_after_it_opened(end: Facts) -> None:
    for days in (0, 14, 15, 60):
        assert state(WINDOW, end, BORN + timedelta(days=days)) is State.CLOSED


def test_an_annulment_that_was_annulled_asks_again() -> None:
    known = ASKED.joined(Facts(asked=False)).joined(ASKED)
    assert state(WINDOW, known, BORN + timedelta(days=20)) is State.OPEN


def test_asking_again_does_not_bring_back_what_ended_for_good() -> None:
    known = Facts(asked=True, refused=True).joined(Facts(asked=False)).joined(ASKED)
    assert state(WINDOW, known, BORN + timedelta(days=20)) is State.CLOSED


@given(st.lists(LEARNT, max_size=8), st.randoms(use_true_random=False), DAYS)
def test_any_order_and_repetition_of_facts_gives_the_same_state(
    facts: list[Facts], chance: random.Random, today: date
) -> None:
    shuffled = facts + [chance.choice(facts) for _ in facts]
    chance.shuffle(shuffled)
    assert learn(shuffled) == learn(facts)
    assert state(WINDOW, learn(shuffled), today) is state(WINDOW, learn(facts), today)


@given(DAYS, FACTS, DAYS)
def test_it_is_never_open_before_day_fifteen(born: date, facts: Facts, today: date) -> None:
    if state(Window.of(born), facts, today) is State.OPEN:
        assert (today - born).days >= 15


@given(FACTS, DAYS, st.integers(0, 400))
def test_what_ended_stays_closed_whatever_is_learnt_and_however_late_it_is(
    facts: Facts, today: date, later: int
) -> None:
    if facts.ended:
        assert state(WINDOW, facts.joined(ASKED), today) is State.CLOSED
        assert state(WINDOW, facts.joined(ASKED), today + timedelta(days=later)) is State.CLOSED


@given(DAYS, FACTS, DAYS)
def test_the_next_change_is_the_first_day_on_which_the_state_differs(born: date, facts: Facts, today: date) -> None:
    window = Window.of(born)
    following = next_change_on(window, facts, today)
    if following is None:
        assert state(window, facts, today + timedelta(days=365)) is state(window, facts, today)
    else:
        assert following > today
        assert state(window, facts, following - timedelta(days=1)) is state(window, facts, today)
        assert state(window, facts, following) is not state(window, facts, today)


@given(DAYS)
def test_help_opens_before_registration_is_due(born: date) -> None:
    assert Window.of(born).opens_on < Window.of(born).due_on
    assert month_after(born).month == born.month % 12 + 1


WAITING = Standing(State.WAITING, None)
HERE, THERE = Standing(State.OPEN, "H1"), Standing(State.OPEN, "H2")
NOWHERE = Standing(State.OPEN, None)
ENDED = Standing(State.CLOSED, "H1")


@pytest.mark.parametrize(
    ("before", "after", "announced", "told"),
    [
        (WAITING, HERE, False, [("H1", Kind.OPENED)]),
        (WAITING, NOWHERE, False, []),
        (NOWHERE, HERE, False, [("H1", Kind.OPENED)]),
        (NOWHERE, HERE, True, [("H1", Kind.MOVED_HERE)]),
        (HERE, HERE, True, []),
        (HERE, THERE, True, [("H1", Kind.MOVED_AWAY), ("H2", Kind.MOVED_HERE)]),
        (HERE, NOWHERE, True, [("H1", Kind.MOVED_AWAY)]),
        (HERE, ENDED, True, [("H1", Kind.CLOSED)]),
        (HERE, WAITING, True, [("H1", Kind.CLOSED)]),
        (WAITING, Standing(State.CLOSED, None), False, []),
        (NOWHERE, Standing(State.CLOSED, None), True, []),
        (ENDED, HERE, True, [("H1", Kind.OPENED)]),
    ],
)
def test_each_facility_hears_only_what_concerns_its_own_list(
    before: Standing, after: Standing, announced: bool, told: list[tuple[str, Kind]]
) -> None:
    assert announcements(before, after, announced=announced) == told
