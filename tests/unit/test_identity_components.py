"""Source records are linked by shared identifiers, and people decide where that is ambiguous."""

from datetime import date
from itertools import permutations

import pytest

from services.registry.identity.components import SourceRecord, ambiguity, ambiguous, components

A, B, C, D = (("s", str(n), "person") for n in range(4))
DAY, OTHER_DAY = date(1990, 5, 17), date(1991, 6, 18)


def record(number: str | None, name: str = "Li Wei", birth_date: date = DAY) -> SourceRecord:
    return SourceRecord(frozenset({number} if number else ()), name, birth_date)


def test_records_that_share_an_identifier_are_one_person_however_they_come() -> None:
    mentions = {A: {"n1"}, B: {"n2", "n3"}, C: {"n1", "n3"}, D: {"n4"}}
    for order in permutations(mentions):
        assert components({mention: mentions[mention] for mention in order}) == {A: A, B: A, C: A, D: D}


def test_records_without_identifiers_stand_alone() -> None:
    assert components({A: frozenset(), B: frozenset()}) == {A: A, B: B}


def test_a_long_chain_is_one_person_named_by_its_smallest_record() -> None:
    chain = [("s", f"{n:04}", "person") for n in range(500)]
    linked = components({mention: {n, n + 1} for n, mention in reversed(list(enumerate(chain)))})
    assert set(linked.values()) == {chain[0]}


def by_law(before: SourceRecord, after: SourceRecord) -> SourceRecord:
    """An identity.changed: the numbers of both, described as after, and as before."""
    return SourceRecord(before.numbers | after.numbers, after.name, after.birth_date, (before.name, before.birth_date))


CHANGED = by_law(record("n1"), record("n2", "Zhao Min", OTHER_DAY))

DILEMMAS = {
    "one number, one description": ([record("n1"), record("n1")], None),
    "twins share the mother and the day but no number": ([record(None), record(None, "Li Na")], None),
    "two numbers": ([record("n1"), record("n2")], "two-numbers"),
    "two numbers in one record": ([SourceRecord(frozenset({"n1", "n2"}), "Li Wei", DAY)], "two-numbers"),
    "a number issued twice": ([record("n1"), record("n1", "Zhao Min", OTHER_DAY)], "shared-number"),
    "a changed name": ([record("n1"), record("n1", "Li Min")], None),
    "a mistyped birth date": ([record("n1"), record("n1", birth_date=OTHER_DAY)], None),
    "an unnamed record": ([record("n1"), record("n1", "", OTHER_DAY)], None),
    "a newborn whose certificate knows no number": ([record("n1"), record(None, "", OTHER_DAY)], None),
    "somebody else on a shared paper": ([record("n1"), record(None, "Zhao Min", OTHER_DAY)], "shared-number"),
    "a generation apart": ([record("n1"), record("n1", birth_date=date(1962, 5, 17))], "shared-number"),
    "full-width and spaced spelling": ([record("n1", "Li Wei"), record("n1", "ｌｉ　wei", OTHER_DAY)], None),
    "a number changed by law": ([record("n1"), record("n2"), by_law(record("n1"), record("n2"))], None),
    "a number changed twice": ([by_law(record("n1"), record("n2")), by_law(record("n2"), record("n3"))], None),
    "a third number that no law gave": ([by_law(record("n1"), record("n2")), record("n3")], "two-numbers"),
    "everything changed by law": ([record("n1"), record("n2", "Zhao Min", OTHER_DAY), CHANGED], None),
    "somebody else under the new number": ([record("n2", "Sun Qi", date(1980, 1, 1)), CHANGED], "shared-number"),
    "two who were changed, under one number": (
        [CHANGED, by_law(record("n2", "Sun Qi", date(1980, 1, 1)), record("n2", "Sun Ba", date(1981, 2, 2)))],
        "shared-number",
    ),
    "nobody": ([], None),
}


@pytest.mark.parametrize(("records", "expected"), DILEMMAS.values(), ids=DILEMMAS)
def test_ambiguity_is_named(records: list[SourceRecord], expected: str | None) -> None:
    assert {ambiguity(order) for order in permutations(records)} == {expected}


def test_an_ambiguous_component_goes_to_review_whole() -> None:
    records = {A: record("n1"), B: record("n2"), C: record(None), D: record("n4")}
    assert ambiguous({A: A, B: A, C: A, D: D}, records) == {A: "two-numbers"}
