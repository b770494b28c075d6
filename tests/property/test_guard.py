"""What is read of a feed is never more than an agreement in force grants for which a case stands now, whatever was told
under whatever before."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.feeds.guard import NONE, Guard, Tie
from shared.sharing.agreement import Agreement
from shared.sharing.fields import FIELDS
from shared.sharing.protected import WITHHELD

DAY = date(2026, 6, 1)
DAYS = st.sampled_from([date(2026, 1, 1), DAY, date(2026, 12, 31)])
SCOPES, PURPOSES = ["own_people", "everyone"], ["audit", "correction"]
IDENTIFIERS = [f"a-{n}" for n in range(4)]


def agreement(identifier: str, department: str, fields: list[str], since: date, until: date) -> Agreement:
    """Not validated: the cut must hold for any. Scope and purpose are the identifier's for ever."""
    number = IDENTIFIERS.index(identifier)
    said: dict[str, Any] = {"identifier": identifier, "department": department, "fields": fields}
    said |= {"scope": SCOPES[number % 2], "purpose": PURPOSES[number // 2], "valid_from": since, "valid_until": until}
    return Agreement.model_construct(**said)


agreements = st.lists(
    st.builds(
        agreement,
        st.sampled_from(IDENTIFIERS),
        st.sampled_from(["housing", "finance"]),
        st.lists(st.sampled_from(FIELDS), unique=True),
        DAYS,
        DAYS,
    ),
    max_size=6,
)
values = st.dictionaries(st.sampled_from(FIELDS), st.none() | st.text(max_size=3), min_size=1)


ties = st.builds(Tie, st.booleans(), st.frozensets(st.sampled_from(IDENTIFIERS)), st.booleans(), st.booleans())


@given(
    now=agreements,
    before=agreements,
    told=values,
    basis=st.lists(st.sampled_from(IDENTIFIERS), unique=True),
    member=st.sampled_from([("person.changed", "changed"), ("value.corrected", "corrected")]),
    tie=ties,
)
def test_nothing_is_shown_that_no_agreement_in_force_grants_on_a_case_that_stands(
    now: list[Agreement],
    before: list[Agreement],
    told: dict[str, str | None],
    basis: list[str],
    member: tuple[str, str],
    tie: Tie,
) -> None:
    guard = Guard.of("housing", now, [*before, *now], DAY)
    body = msgspec.json.encode(
        {
            "type": f"cn.tenfold.{member[0]}.v1",
            "data": {member[1]: told, "basis": basis, "acknowledge_by": "2026-07-01"},
        }
    )
    shown = guard.shown(body, tie)
    if guard.open and tie.reporting and not guard.everyone and not tie.protected:
        # Then everything that could have been told is granted still, by an agreement of the same name.
        latest = {each.identifier: each for each in now if each.department == "housing" and each.in_force(DAY)}
        for each in before:
            assert each.department != "housing" or set(each.fields) <= set(latest[each.identifier].fields)
        assert shown == body
        return
    counting = [
        each
        for each in now
        if each.department == "housing"
        and each.in_force(DAY)
        and (tie.registered if each.scope == "everyone" else tie.reporting or each.identifier in tie.called)
    ]
    if shown is None:
        return
    said = msgspec.json.decode(shown)
    data = said["data"]
    if said["type"] == "cn.tenfold.value.withdrawn.v1":
        assert member[0] == "value.corrected"
        assert data == {"withdrawn": list(told), "acknowledge_by": "2026-07-01"}, "names, and no value"
        return
    gone = [name for name in told if name not in data[member[1]]]
    assert data.get("withdrawn", []) == (gone if member[0] == "value.corrected" else [])
    assert data[member[1]].items() <= told.items(), "nothing is added and nothing changed"
    assert set(data[member[1]]) <= {name for each in counting for name in each.fields}
    assert not (tie.protected and WITHHELD & data[member[1]].keys()), "nobody reads where a protected person lives"
    assert data["acknowledge_by"] == "2026-07-01"
    assert set(data["basis"]) <= {each.identifier for each in counting}


@given(now=agreements, before=agreements, told=values, tie=ties)
def test_what_was_told_on_no_known_basis_is_shown_to_nobody(
    now: list[Agreement], before: list[Agreement], told: dict[str, str | None], tie: Tie
) -> None:
    guard = Guard.of("housing", now, [*before, *now], DAY)
    body = msgspec.json.encode({"type": "cn.tenfold.person.changed.v1", "data": {"changed": told, "basis": ["other"]}})
    passed = guard.open and tie.reporting and not guard.everyone and not tie.protected
    assert passed or guard.shown(body, tie) is None


@given(now=agreements, told=values, basis=st.lists(st.sampled_from(IDENTIFIERS), unique=True))
def test_nothing_is_shown_of_somebody_with_whom_the_department_has_nothing_to_do(
    now: list[Agreement], told: dict[str, str | None], basis: list[str]
) -> None:
    entry = {"type": "cn.tenfold.person.changed.v1", "data": {"changed": told, "basis": basis}}
    assert Guard.of("housing", now, now, DAY).shown(msgspec.json.encode(entry), NONE) is None
