"""Which accesses to care a rule notices, and which it does not."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.misuse.limits import Limits, Night, load
from services.alerts.misuse.rules import Flag, Opened, Rule, Worker, noticed

NURSE = Worker("H1", "nurse")
ABOVE: dict[Rule, int] = {
    "many-opened": 4,
    "many-without-act": 3,
    "many-not-due": 2,
    "same-again": 2,
    "after-end": 0,
    "at-night": 1,
    "lists-at-night": 10,
}
WORKERS = st.builds(Worker, st.sampled_from(["H1", "H2"]), st.sampled_from(["a", "b"]))


def opened(name: str, worker: Worker = NURSE, /, **said: bool) -> Opened:
    """Opened by day, and acted upon, unless said otherwise."""
    told = {"at_night": False, "acted": True, "due": True, "over": False} | said
    return Opened(worker, name, 1, **told)


def on_days(days: int, *, acted: bool = False, due: bool = False) -> Opened:
    """One record opened on so many days."""
    return replace(opened("care:1", acted=acted, due=due), days=days)


def rules(*looks: Opened, listed: int = 0) -> list[tuple[str, int, str | None]]:
    return [(flag.rule, flag.count, flag.name) for flag in noticed(looks, {NURSE: listed}, ABOVE)]


def some(count: int, **said: bool) -> list[Opened]:
    return [opened(f"care:{each}", **said) for each in range(count)]


def test_many_records_are_noticed_also_where_each_was_worked_on() -> None:
    assert rules(*some(4)) == []
    assert rules(*some(5)) == [("many-opened", 5, None)]


def test_records_of_which_something_was_due_may_be_opened_without_writing_until_they_are_many() -> None:
    assert rules(*some(3, acted=False)) == []
    assert rules(*some(4, acted=False)) == [("many-without-act", 4, None)]


def test_records_of_which_nothing_was_due_are_fewer() -> None:
    assert rules(*some(2, acted=False, due=False)) == []
    assert rules(*some(3, acted=False, due=False)) == [("many-not-due", 3, None)]
    assert rules(*some(3, due=False)) == [], "something was written down about each"


def test_one_record_on_several_days() -> None:
    assert rules(on_days(2)) == []
    assert rules(on_days(3)) == [("same-again", 3, "care:1")]
    assert rules(on_days(9, due=True)) == rules(on_days(9, acted=True)) == []


def test_after_the_care_had_ended() -> None:
    assert rules(opened("care:1", over=True, acted=False)) == [("after-end", 1, "care:1")]
    assert rules(opened("care:1", over=True)) == [], "whoever ended it has to do with it"


def test_at_night() -> None:
    assert rules(*some(1, at_night=True, acted=False)) == []
    assert rules(*some(2, at_night=True, acted=False)) == [("at-night", 2, None)]
    assert rules(*some(2, at_night=True)) == [], "work that is written down is work"
    assert rules(listed=10) == []
    assert rules(listed=11) == [("lists-at-night", 11, None)]


def test_what_two_workers_do_is_not_added_up_nor_what_one_does_at_two_facilities() -> None:
    for other in (Worker("H1", "doctor"), Worker("H2", "nurse")):
        looks = some(3) + [opened(f"care:{each}", other) for each in range(3)]
        assert rules(*looks) == []


@given(st.lists(st.builds(Opened, WORKERS, st.uuids().map(str), st.integers(1, 5), *[st.booleans()] * 4), max_size=40))
def test_flags_are_of_whoever_looked_and_nobody_is_flagged_for_what_they_wrote_down(looks: list[Opened]) -> None:
    flags = noticed(looks, {}, ABOVE)
    assert flags == noticed(reversed(looks), {}, ABOVE)
    assert {flag.worker for flag in flags} <= {each.worker for each in looks}
    for flag in flags:
        own = [each for each in looks if each.worker == flag.worker]
        assert flag.count > ABOVE[flag.rule]
        assert flag.name is None or any(each.name == flag.name and not each.acted for each in own)
    worked = [replace(each, acted=True) for each in looks]
    assert {flag.rule for flag in noticed(worked, {}, ABOVE)} <= {"many-opened"}


@given(
    st.lists(st.builds(Opened, WORKERS, st.uuids().map(str), st.integers(1, 5), *[st.booleans()] * 4), max_size=20),
    st.integers(0, 20),
)
def test_a_higher_number_notices_less(looks: list[Opened], number: int) -> None:
    def flags(above: int) -> set[Flag]:
        return set(noticed(looks, {NURSE: 7}, dict.fromkeys(get_args(Rule), above)))

    assert flags(number + 1) <= flags(number)


@pytest.mark.parametrize(("begins", "ends", "hours"), [(22, 2, [0, 1, 22, 23]), (1, 3, [1, 2]), (5, 5, [])])
def test_a_night_may_pass_midnight(begins: int, ends: int, hours: list[int]) -> None:
    assert Night(begins=begins, ends=ends).hours == hours


def test_the_file_names_each_rule_once_with_its_version_and_words() -> None:
    limits = load()
    assert set(limits.above) == set(get_args(Rule))
    assert all(each.version and each.words.zh and each.words.en for each in limits.rules)
    for broken in ([*limits.rules, limits.rules[0]], limits.rules[1:]):
        with pytest.raises(ValueError, match="each rule stands once"):
            Limits(**dict(limits) | {"rules": broken})
