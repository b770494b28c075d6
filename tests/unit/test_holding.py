"""A receiver's fold of its own feed: what it holds, entry by entry."""

import pytest

from shared.contracts.entries import ENTRIES
from shared.contracts.holding import Fields, apply, holding, short

Entry = dict[str, object]
HELD: dict[str, Fields] = {"k1.A": {"name": "Li Wei", "died_on": "2024-05-01"}, "k1.B": {"name": "Wang Fang"}}


def entry(name: str, subject: str = "k1.A", **data: object) -> Entry:
    return {"type": f"cn.tenfold.{name}.v1", "subject": subject, "data": data}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (entry("person.changed", changed={"name": "Li Wen"}, basis=[]), {"name": "Li Wen", "died_on": "2024-05-01"}),
        (entry("person.changed", changed={"died_on": None}, basis=[]), {"name": "Li Wei"}),
        (entry("value.corrected", corrected={"died_on": None, "sex": "male"}), {"name": "Li Wei", "sex": "male"}),
        (entry("value.corrected", corrected={"sex": "male"}, withdrawn=["died_on"]), {"name": "Li Wei", "sex": "male"}),
        (entry("value.withdrawn", withdrawn=["name", "sex"]), {"died_on": "2024-05-01"}),
        (entry("value.withdrawn", withdrawn=["name", "died_on"]), None),
        (entry("person.merged", "k1.B", merged="k1.A", into="k1.B"), None),
        (entry("case.changed", "c1", case="c1", reference="k1.A", status="ended"), None),
        (entry("case.changed", reference="k1.A", status="ended", reason="nothing-reported"), None),
        (entry("case.changed", "c1", case="c1", reference="k1.A", status="open"), HELD["k1.A"]),
        (entry("receipt.changed", "r1", status="applied"), HELD["k1.A"]),
        (entry("something.new", unknown=True), HELD["k1.A"]),
        (None, HELD["k1.A"]),
    ],
)
def test_each_entry_changes_what_it_says_and_nothing_else(told: Entry | None, expected: Fields | None) -> None:
    after = holding([told], HELD)
    assert after.get("k1.A") == expected
    assert after["k1.B"] == {"name": "Wang Fang"}
    assert HELD["k1.A"] == {"name": "Li Wei", "died_on": "2024-05-01"}, "what was held before is as it was"


def test_a_person_of_whom_nothing_was_known_is_not_held() -> None:
    assert holding([entry("person.changed", "k1.C", changed={"name": None}, basis=[])]) == {}


def test_entries_taken_twice_in_order_change_nothing() -> None:
    entries = [
        entry("person.changed", changed={"name": "Li Wei"}, basis=[]),
        entry("value.corrected", corrected={"name": "Li Wen"}),
        entry("person.merged", "k1.B", merged="k1.A", into="k1.B"),
        entry("person.changed", "k1.B", changed={"name": "Li Wen"}, basis=[]),
    ]
    once = holding(entries)
    assert once == {"k1.B": {"name": "Li Wen"}} == holding(entries, once)


@pytest.mark.parametrize("type_", ENTRIES, ids=lambda each: each.name)
def test_every_example_of_the_contract_can_be_taken(type_: object) -> None:
    example = next(each for each in ENTRIES if each is type_)
    people: dict[str, Fields] = {"k1.AbCd": {"name": "Li Wei"}}
    apply({"type": example.type, "subject": "k1.AbCd", "data": dict(example.example)}, people)
    assert short(example.type) == example.name
    touched = {"person.changed", "person.merged", "value.corrected"}
    assert (people == {"k1.AbCd": {"name": "Li Wei"}}) == (example.name not in touched)
