"""States are written, compared and named."""

import msgspec

from services.registry.facts.state import UNKNOWN_PERSON, PersonState, canonical, changed_fields
from services.registry.facts.values import decode_body, decode_fact, encode, named_number
from shared.contracts.values import Identifier
from tests.histories import birth, household, one, person, report, state_of

ENTRY = one("household.registered", "h1", {"person": person(2), **household()})
A, B, C = ("s", "1", "child"), ("s", "1", "mother"), ("s", "2", "mother")


def test_facts_and_states_are_read_back_as_they_were_written() -> None:
    child = report("birth.certified", "b1", birth(person(2), person(1)))["child"]
    for fact in (ENTRY, child):
        assert decode_fact(encode(fact)) == fact
        assert decode_body(encode(fact.body)) == fact.body
        state = state_of(fact)
        assert msgspec.msgpack.decode(encode(state), type=PersonState) == state


def test_the_full_and_the_short_type_give_the_same_facts() -> None:
    data = {"person": person(2), **household()}
    assert one("cn.tenfold.household.registered.v1", "h1", data) == ENTRY


def test_a_stated_issuer_parts_passports_but_no_national_number() -> None:
    def compared(type_: str, value: str, issuer: str | None) -> object:
        return named_number(Identifier.model_validate({"type": type_, "value": value, "issuer": issuer}))

    born = "birth-certificate-number"
    assert compared(born, "n1", "hospital") == compared(born, "N1", None)
    assert compared("passport", "n1", "X") != compared("passport", "n1", None)


def test_changes_are_told_by_the_closed_list_only() -> None:
    now = state_of(ENTRY)
    expected = ("name", "sex", "birth_date", "identity_number", "registered_area", "household_number")
    assert changed_fields(None, now) == (*expected, "relation_to_head", "residence")
    assert changed_fields(now, now) == ()
    assert changed_fields(UNKNOWN_PERSON, PersonState(adopted=True, registered=True, help_asked=True)) == ()


def test_a_relative_whose_record_was_corrected_is_still_the_same_person() -> None:
    before, after = PersonState(mother=B), PersonState(mother=C)
    assert changed_fields(before, after) == ("mother",)
    assert changed_fields(before, after, {B: "person", C: "person"}) == ()
    assert changed_fields(before, after, {B: "person", C: "another"}) == ("mother",)
    assert changed_fields(before, PersonState(), {B: "person"}) == ("mother",)


def test_people_and_relatives_are_named_by_their_smallest_source_record() -> None:
    states = {"x": PersonState(mother=C, father=("s", "9", "gone")), "y": PersonState(name="Y")}
    named = canonical(states, {A: "x", B: "y", C: "y"})
    assert named == {A: PersonState(mother=B, father=("s", "9", "gone")), B: PersonState(name="Y")}
