"""The demo's comparison finds whatever a department knows too much, too little, or of the wrong person."""

from collections.abc import Callable, Mapping
from copy import deepcopy

import pytest

from deploy.tenfold.county import Foreseen
from deploy.tenfold.demo_compare import compared
from deploy.tenfold.demo_pull import Pulled

CERTIFIED, DIED = ("urn:tenfold:health:s", "bc-1"), ("urn:tenfold:health:s", "dc-1")
RECEIPTS = {CERTIFIED: "r1", DIED: "r2"}
FORESEEN = Foreseen(
    reported={},
    held={},
    replaced={},
    people={"health": {1: {"name": "A", "mother": 2}, 2: {"name": "B"}}},
    let_go={"health": frozenset({3})},
    roles={CERTIFIED: {"child": 1, "mother": 2}, DIED: {"person": 3}},
)


def told() -> Pulled:
    """A feed as it should be: a child and its mother are known, and somebody is let go."""
    return Pulled(
        references={"r1": {"child": "k1.a", "mother": "k1.b"}, "r2": {"person": "k1.c"}},
        people={"k1.a": {"name": "A", "mother": "k1.b"}, "k1.b": {"name": "B"}},
    )


def differences(pulled: Pulled) -> tuple[str, ...]:
    return compared("health", FORESEEN, RECEIPTS, pulled).differences


def test_what_was_foreseen_is_no_difference_and_counts_everybody() -> None:
    found = compared("health", FORESEEN, RECEIPTS, told())
    assert (found.people, found.differences) == (2, ())


def test_what_its_own_programme_knows_otherwise_is_a_difference_too() -> None:
    found = compared("health", FORESEEN, RECEIPTS, told()).also(["k1.a: its own programme knows something else"])
    assert (found.people, len(found.differences)) == (2, 1)


def test_a_reference_that_was_merged_means_whom_it_is_now() -> None:
    pulled = told()
    pulled.references["r1"] = {"child": "k1.old", "mother": "k1.b"}
    pulled.merged["k1.old"] = "k1.a"
    assert differences(pulled) == ()


Change = Callable[[Pulled], object]
WRONG: Mapping[str, Change] = {
    "a field is missing": lambda pulled: pulled.people["k1.b"].clear(),
    "a field is another": lambda pulled: pulled.people["k1.b"].update(name="C"),
    "a field too much": lambda pulled: pulled.people["k1.b"].update(sex="female"),
    "another mother": lambda pulled: pulled.people["k1.a"].update(mother="k1.a"),
    "a person is missing": lambda pulled: pulled.people.pop("k1.b"),
    "somebody who was let go": lambda pulled: pulled.people.update({"k1.c": {"name": "C"}}),
    "somebody nobody reported": lambda pulled: pulled.people.update({"k1.z": {"name": "Z"}}),
    "a receipt that was never told": lambda pulled: pulled.references.pop("r1"),
    "two people under one reference": lambda pulled: pulled.references.update(r2={"person": "k1.a"}),
    "one person under two references": lambda pulled: pulled.references.update(r1={"child": "k1.a", "mother": "k1.a"}),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_whatever_is_wrong_is_a_difference_that_names_no_value(change: Change) -> None:
    pulled = deepcopy(told())
    change(pulled)
    found = differences(pulled)
    assert found
    assert not any(value in line.split() for line in found for value in ("A", "B", "C", "Z", "female"))
