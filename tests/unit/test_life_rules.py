"""What the registry's words do to an episode of care."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.directory.entries import Told
from services.alerts.life.rules import GOES_ON, Finding, Kin, Known, Life, asks, life, life_of_kin, together

START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = st.one_of(st.none(), st.integers(1, 5).map(lambda n: said(n)))
KNOWN = st.builds(Known, st.booleans(), WORDS, WORDS, WORDS)


def said(minute: int) -> Told:
    return Told(START + timedelta(minutes=minute), minute)


def test_of_whom_nothing_was_said_an_episode_goes_on() -> None:
    assert life(Known(), None, born=True) == GOES_ON


def test_a_death_stops_it_and_asks_nothing_of_those_who_grieve() -> None:
    assert not asks([Finding.DEATH])
    assert life(Known(alive=False, died=said(1)), None, born=False) == Life(
        stops=True, findings=(Finding.DEATH,), latest=said(1)
    )


def test_a_death_that_was_taken_back_resumes_nothing_by_itself() -> None:
    found = life(Known(alive=True, died=said(1)), None, born=False)
    assert (found.stops, asks(found.findings), found.findings) == (True, True, (Finding.DEATH_TAKEN_BACK,))


def test_what_the_worker_decided_stands_until_something_new_is_said() -> None:
    known = Known(alive=True, died=said(1), parted=said(2))
    answered = life(known, None, born=False).latest
    assert life(known, answered, born=False) == GOES_ON
    assert life(Known(alive=False, died=said(3)), answered, born=False).stops


@pytest.mark.parametrize("born", [True, False])
def test_an_annulled_birth_stops_what_hangs_on_that_birth_and_asks_everyone_else(born: bool) -> None:
    found = life(Known(unknown=said(1)), None, born=born)
    assert (found.stops, asks(found.findings), found.findings) == (born, True, (Finding.NOTHING_REPORTED,))


def test_a_split_asks_and_stops_nothing() -> None:
    found = life(Known(parted=said(1)), None, born=True)
    assert (found.stops, asks(found.findings), found.findings) == (False, True, (Finding.PARTED,))


@pytest.mark.parametrize(("kin", "finding"), [(Kin.GUARDIAN, Finding.GUARDIAN_DEATH), (Kin.CHILD, Finding.CHILD_DEATH)])
def test_a_death_of_kin_is_shown_and_stops_nothing(kin: Kin, finding: Finding) -> None:
    found = life_of_kin(kin, Known(alive=False, died=said(1)), None)
    assert (found.stops, asks(found.findings), found.findings) == (False, True, (finding,))
    assert life_of_kin(kin, Known(alive=True, died=said(1)), None) == GOES_ON
    assert life_of_kin(kin, Known(alive=False, died=said(1)), said(1)) == GOES_ON


@given(KNOWN, WORDS, st.booleans())
def test_whatever_stops_says_why_and_an_answer_up_to_it_lets_it_go_on(
    known: Known, answered: Told | None, born: bool
) -> None:
    found = life(known, answered, born=born)
    assert bool(found.findings) == (found.latest is not None)
    assert life(known, max(each for each in (found.latest, answered, said(0)) if each), born=born) == GOES_ON


@given(KNOWN, KNOWN, st.booleans())
def test_nothing_that_concerns_an_episode_hides_anything_else(one: Known, other: Known, born: bool) -> None:
    lives = [life(one, None, born=born), life_of_kin(Kin.GUARDIAN, other, None)]
    found = together(lives)
    assert found.stops == lives[0].stops
    assert set(found.findings) == {*lives[0].findings, *lives[1].findings}


@pytest.mark.parametrize("merged", [None, said(1)])
def test_two_of_one_person_are_asked_about_however_they_met_until_they_are_compared(merged: Told | None) -> None:
    known = Known(merged=merged)
    found = life(known, None, born=False, twice=True)
    assert (found.stops, found.findings) == (False, (Finding.TWICE,))
    assert life(known, found.latest, born=False, twice=True, compared=True) == GOES_ON
    assert life(known, found.latest, born=False, twice=True).findings == (Finding.TWICE,), "with yet another one"
    assert life(known, None, born=False) == GOES_ON
