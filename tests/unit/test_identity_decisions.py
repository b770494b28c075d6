"""What was decided about records: the newest statement counts, and it says no more than was decided."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

from services.registry.facts.values import Mention
from services.registry.identity.decisions import LINK, MERGE, SEPARATE, SPLIT, Decision, Decisions

A: Mention = ("s", "a", "person")
B: Mention = ("s", "b", "person")
C: Mention = ("s", "c", "person")
NUMBER, OTHER = b"n" * 16, b"o" * 16


def decided(n: int, kind: str, parts: dict[Mention, int], **numbers: bytes) -> Decision:
    named = {mention: frozenset({numbers[mention[1]]}) for mention in parts if mention[1] in numbers}
    return Decision(UUID(int=n), kind, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n), parts, named)


def test_records_of_one_part_are_one_person_and_part_0_is_nobody_of_the_others() -> None:
    found = Decisions([decided(1, SEPARATE, {A: 0, B: 1, C: 2})])
    assert found.said(A) == {B: False, C: False}
    assert found.said(B) == {A: False}, "whether the candidates are one person was not decided"
    assert Decisions([decided(1, LINK, {A: 0, B: 0, C: 1})]).said(B) == {A: True, C: False}


def test_after_a_split_no_two_parts_are_one_person() -> None:
    found = Decisions([decided(1, SPLIT, {A: 0, B: 1, C: 2})])
    assert found.apart(B) == {A, C}
    assert found.together(B) == set()
    assert found.part([B], [C])
    assert not found.part([B], [("s", "d", "person")])


def test_of_two_decisions_the_newer_counts_in_whatever_order_they_are_read() -> None:
    made = [
        decided(1, MERGE, {A: 0, B: 0, C: 0}),
        decided(2, SPLIT, {A: 0, B: 1}),
        decided(3, MERGE, {B: 0, C: 0}),
    ]
    for order in permutations(made):
        found = Decisions()
        for decision in order:
            found.add([decision, decision])
        assert found.said(A) == {B: False, C: True}
        assert found.said(B) == {A: False, C: True}


def test_an_identifier_of_two_people_is_contested_until_they_are_one() -> None:
    apart = decided(1, SEPARATE, {A: 0, B: 1}, a=NUMBER, b=NUMBER)
    assert Decisions([apart]).contested == {NUMBER}
    assert Decisions([decided(1, SEPARATE, {A: 0, B: 1}, a=NUMBER, b=OTHER)]).contested == set()
    one_again = decided(2, MERGE, {A: 0, B: 0}, a=NUMBER, b=NUMBER)
    assert Decisions([one_again, apart]).contested == set()
    assert Decisions([decided(1, SEPARATE, {A: 0, B: 1, C: 2}, b=NUMBER, c=NUMBER)]).contested == set()


def test_without_decisions_nothing_is_said() -> None:
    found = Decisions()
    assert not found
    assert not found.named(A)
    assert found.said(A) == {}
