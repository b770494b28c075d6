"""Disclose never gives more than agreed, for any state and any set of agreements, permitted or not."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.auth.caller import DEPARTMENTS
from shared.sharing.agreement import Agreement
from shared.sharing.disclose import Disclosed, disclose
from shared.sharing.fields import FIELDS, REFERENCE_FIELDS
from shared.sharing.protected import WITHHELD

ORDERED = sorted(DEPARTMENTS)
SCALARS = tuple(name for name in FIELDS if name not in REFERENCE_FIELDS)
departments = st.sampled_from(ORDERED)


def reference(name: str, department: str) -> str:
    return f"reference<{name}:{department}>"


def canary(name: str) -> str:
    return f"canary<{name}>"


def _agreement(number: int, department: str, fields: list[str], scope: str) -> Agreement:
    # Not validated: the cut must hold even for agreements that would be refused.
    said: dict[str, Any] = {"identifier": f"agreement-{number}", "department": department}
    said |= {"fields": fields, "scope": scope}
    return Agreement.model_construct(**said)


agreements = st.lists(
    st.builds(
        _agreement,
        st.integers(0, 9),
        departments,
        st.lists(st.sampled_from(FIELDS), unique=True),
        st.sampled_from(["own_people", "everyone"]),
    ),
    max_size=6,
)
reference_maps = st.sets(departments)
asked = st.none() | st.lists(st.sampled_from([*FIELDS, "pregnancy", "shoe_size", ""]))
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | departments,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(departments | st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def states(draw: st.DrawFn) -> dict[str, object]:
    """A canary per field; references of a drawn set of departments; some fields unknown; one that no list knows."""
    state: dict[str, object] = {"secret": canary("secret")}
    for name in draw(st.sets(st.sampled_from(SCALARS))):
        state[name] = canary(name)
    for name in draw(st.sets(st.sampled_from(sorted(REFERENCE_FIELDS)))):
        state[name] = {department: reference(name, department) for department in draw(reference_maps)}
    return state


def allowed(all_agreements: Sequence[Agreement], receiver: str, *, holds_case: bool) -> set[str]:
    return {
        name
        for each in all_agreements
        if each.department == receiver and (holds_case or each.scope == "everyone")
        for name in each.fields
    }


def serialised(disclosed: Disclosed) -> str:
    return json.dumps([disclosed.fields, disclosed.withheld, disclosed.basis], ensure_ascii=False)


@given(states(), agreements, departments, st.booleans(), asked)
def test_never_more_than_agreed_and_every_canary_is_accounted_for(
    state: dict[str, object], granted: list[Agreement], receiver: str, holds_case: bool, fields: list[str] | None
) -> None:
    disclosed = disclose(
        state, granted, receiver=receiver, holds_case=holds_case, registered=True, protected_from=False, fields=fields
    )
    may = allowed(granted, receiver, holds_case=holds_case) & set(FIELDS if fields is None else fields)
    assert set(disclosed.fields) <= may
    out = serialised(disclosed)
    for name in [*SCALARS, "secret"]:
        assert (canary(name) in out) == (name in may and name in state)


@given(states(), agreements, departments, st.booleans(), asked)
def test_disclosed_and_withheld_are_exactly_what_was_asked(
    state: dict[str, object], granted: list[Agreement], receiver: str, holds_case: bool, fields: list[str] | None
) -> None:
    disclosed = disclose(
        state, granted, receiver=receiver, holds_case=holds_case, registered=True, protected_from=False, fields=fields
    )
    assert not set(disclosed.fields) & set(disclosed.withheld)
    assert set(disclosed.fields) | set(disclosed.withheld) == set(FIELDS if fields is None else fields)
    assert len(set(disclosed.withheld)) == len(disclosed.withheld)


@given(states(), agreements, departments, st.booleans(), asked)
def test_no_other_departments_reference_ever_leaves(
    state: dict[str, object], granted: list[Agreement], receiver: str, holds_case: bool, fields: list[str] | None
) -> None:
    disclosed = disclose(
        state, granted, receiver=receiver, holds_case=holds_case, registered=True, protected_from=False, fields=fields
    )
    out = serialised(disclosed)
    for name in REFERENCE_FIELDS:
        for other in DEPARTMENTS - {receiver}:
            assert reference(name, other) not in out
        if name in disclosed.fields:
            assert disclosed.fields[name] in (None, reference(name, receiver))


@given(states(), agreements, departments, st.booleans())
def test_the_basis_is_the_agreements_that_gave_something(
    state: dict[str, object], granted: list[Agreement], receiver: str, holds_case: bool
) -> None:
    disclosed = disclose(
        state, granted, receiver=receiver, holds_case=holds_case, registered=True, protected_from=False
    )
    given_by = {
        each.identifier
        for each in granted
        if each.department == receiver
        and (holds_case or each.scope == "everyone")
        and set(each.fields) & set(disclosed.fields)
    }
    assert set(disclosed.basis) == given_by
    assert bool(disclosed.basis) == bool(disclosed.fields)


@given(st.dictionaries(st.sampled_from([*FIELDS, "secret"]), junk), departments, st.booleans())
def test_any_state_however_odd_gives_only_text_and_dates(
    state: dict[str, object], receiver: str, holds_case: bool
) -> None:
    everything = _agreement(1, receiver, list(FIELDS), "everyone")
    disclosed = disclose(
        state, [everything], receiver=receiver, holds_case=holds_case, registered=True, protected_from=False
    )
    assert all(value is None or isinstance(value, str | date) for value in disclosed.fields.values())
    assert set(disclosed.fields) | set(disclosed.withheld) == set(FIELDS)
    for name in REFERENCE_FIELDS & set(disclosed.fields):
        value = state.get(name)
        assert disclosed.fields[name] == (value[receiver] if isinstance(value, dict) else None)


@given(states(), departments)
def test_without_agreements_nothing_is_given(state: dict[str, object], receiver: str) -> None:
    assert disclose(state, [], receiver=receiver, holds_case=True, registered=True, protected_from=False) == Disclosed(
        {}, tuple(FIELDS), ()
    )


@given(states(), agreements, departments)
def test_a_case_never_takes_anything_away(state: dict[str, object], granted: list[Agreement], receiver: str) -> None:
    without = disclose(state, granted, receiver=receiver, holds_case=False, registered=True, protected_from=False)
    with_case = disclose(state, granted, receiver=receiver, holds_case=True, registered=True, protected_from=False)
    assert without.fields.items() <= with_case.fields.items()


@given(states(), agreements, departments)
def test_the_state_is_left_as_it_was_and_a_printed_disclosure_shows_no_value(
    state: dict[str, object], granted: list[Agreement], receiver: str
) -> None:
    before = json.dumps(state)
    disclosed = disclose(state, granted, receiver=receiver, holds_case=True, registered=True, protected_from=False)
    assert json.dumps(state) == before
    assert "canary<" not in repr(disclosed)


@given(states(), agreements, departments)
def test_without_a_case_nobody_hears_of_somebody_who_is_not_in_the_household_register(
    state: dict[str, object], granted: list[Agreement], receiver: str
) -> None:
    disclosed = disclose(state, granted, receiver=receiver, holds_case=False, registered=False, protected_from=False)
    assert disclosed == Disclosed({}, tuple(FIELDS), ())


@given(states(), agreements, departments)
def test_a_case_on_somebody_who_is_not_in_the_household_register_opens_no_agreement_about_everyone(
    state: dict[str, object], granted: list[Agreement], receiver: str
) -> None:
    disclosed = disclose(state, granted, receiver=receiver, holds_case=True, registered=False, protected_from=False)
    own = [each for each in granted if each.scope == "own_people"]
    assert disclosed == disclose(state, own, receiver=receiver, holds_case=True, registered=False, protected_from=False)


@given(states(), agreements, departments, st.booleans(), st.booleans(), asked)
def test_nothing_of_where_a_protected_person_lives_is_given_whatever_is_agreed(
    state: dict[str, object],
    granted: list[Agreement],
    receiver: str,
    holds_case: bool,
    registered: bool,
    fields: list[str] | None,
) -> None:
    told: dict[str, Any] = {"receiver": receiver, "holds_case": holds_case, "registered": registered, "fields": fields}
    disclosed = disclose(state, granted, protected_from=True, **told)
    assert not WITHHELD & disclosed.fields.keys()
    assert not [name for name in WITHHELD if canary(name) in serialised(disclosed)]
    open_ = disclose(state, granted, protected_from=False, **told)
    assert disclosed.fields == {name: value for name, value in open_.fields.items() if name not in WITHHELD}
    without = [
        each.model_copy(update={"fields": [name for name in each.fields if name not in WITHHELD]}) for each in granted
    ]
    assert disclosed == disclose(state, without, protected_from=False, **told), "as if it had never been agreed"
