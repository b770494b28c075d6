"""What a correction changed and what life changed, told apart, however the facts of a page lie beside each other."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.registry.facts.corrections import corrected_fields
from services.registry.facts.fold import DEFAULT_AUTHORITIES, fold
from services.registry.facts.lineage import dead, header_of
from services.registry.facts.state import changed_fields
from services.registry.facts.values import EventKey, Fact
from tests.histories import START, household, one, person
from tests.property.test_fold import Event, histories

TOLD = st.integers(0, 9)


def page(events: Sequence[Event], recorded: int) -> tuple[list[Fact], set[EventKey]]:
    """Facts of which those after the first `recorded` hours are news, and the news that corrects what was recorded."""
    facts = [
        fact
        if fact.recorded_at is not None and (fact.recorded_at - START).seconds // 3600 < recorded
        else msgspec.structs.replace(fact, recorded_at=None)
        for event in events
        for fact in event.values()
    ]
    known = {fact.event for fact in facts if fact.recorded_at is not None}
    return facts, {fact.event for fact in facts if fact.recorded_at is None and fact.supersedes in known}


def wrong(facts: Sequence[Fact], corrections: set[EventKey]) -> tuple[str, ...]:
    return corrected_fields(facts, [header_of(fact) for fact in facts], corrections, DEFAULT_AUTHORITIES)


@given(histories(), TOLD)
def test_without_a_correction_everything_is_life(events: list[Event], recorded: int) -> None:
    facts, _ = page(events, recorded)
    assert wrong(facts, set()) == ()


@given(histories(), TOLD, st.data())
def test_no_order_and_no_repetition_makes_a_difference(events: list[Event], recorded: int, data: st.DataObject) -> None:
    facts, corrections = page(events, recorded)
    assert wrong(data.draw(st.permutations(facts)) + facts, corrections) == wrong(facts, corrections)


@given(histories(), TOLD)
def test_what_else_is_new_makes_no_difference(events: list[Event], recorded: int) -> None:
    facts, corrections = page(events, recorded)
    without = [fact for fact in facts if fact.recorded_at is not None or fact.event in corrections]
    assert wrong(without, corrections) == wrong(facts, corrections)


@given(histories(), TOLD)
def test_where_only_corrections_are_new_all_that_changes_was_wrong(events: list[Event], recorded: int) -> None:
    facts, corrections = page(events, recorded)
    facts = [fact for fact in facts if fact.recorded_at is not None or fact.event in corrections]
    before = [fact for fact in facts if fact.recorded_at is not None]
    was, now = (fold(each, dead(map(header_of, each)), DEFAULT_AUTHORITIES) for each in (before, facts))
    assert wrong(facts, corrections) == changed_fields(was, now)


def test_a_name_written_down_wrongly_is_a_correction_and_a_new_household_in_the_same_page_is_not() -> None:
    data = {"person": person(1, "Li Wei"), **household()}
    first = one("household.registered", "h1", data)
    right = one("household.registered", "h2", data | {"person": person(1, "Li Wen")}, action="corrected", of="h1",
                recorded=None)  # fmt: skip
    moved = one("household.registered", "h3", data | household(number_="H2"), "2024-03-01", recorded=None)
    assert wrong([first, right, moved], {right.event}) == ("name",)
    assert wrong([first, moved], set()) == ()
