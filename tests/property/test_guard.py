"""What is read of a feed is never more than an agreement in force grants, whatever was told under whatever before."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.feeds.guard import Guard
from shared.sharing.agreement import Agreement
from shared.sharing.fields import FIELDS

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


@given(
    now=agreements,
    before=agreements,
    told=values,
    basis=st.lists(st.sampled_from(IDENTIFIERS), unique=True),
    member=st.sampled_from([("person.changed", "changed"), ("value.corrected", "corrected")]),
)
def test_nothing_is_shown_that_no_agreement_in_force_grants(
    now: list[Agreement],
    before: list[Agreement],
    told: dict[str, str | None],
    basis: list[str],
    member: tuple[str, str],
) -> None:
    guard = Guard.of("housing", now, [*before, *now], DAY)
    body = msgspec.json.encode(
        {
            "type": f"cn.tenfold.{member[0]}.v1",
            "data": {member[1]: told, "basis": basis, "acknowledge_by": "2026-07-01"},
        }
    )
    if guard.open:
        # Then everything that could have been told is granted still, by an agreement of the same name.
        latest = {each.identifier: each for each in now if each.department == "housing" and each.in_force(DAY)}
        for each in before:
            assert each.department != "housing" or set(each.fields) <= set(latest[each.identifier].fields)
        return
    in_force = [each for each in now if each.department == "housing" and each.in_force(DAY)]
    granted = {name for each in in_force for name in each.fields}
    shown = guard.shown(body)
    if shown is None:
        return
    data = msgspec.json.decode(shown)["data"]
    assert data[member[1]].items() <= told.items(), "nothing is added and nothing changed"
    assert set(data[member[1]]) <= granted
    assert data["acknowledge_by"] == "2026-07-01"
    if set(data[member[1]]) != set(told):
        assert set(data["basis"]) <= {each.identifier for each in in_force}


@given(now=agreements, before=agreements, told=values)
def test_what_was_told_on_no_known_basis_is_shown_to_nobody(
    now: list[Agreement], before: list[Agreement], told: dict[str, str | None]
) -> None:
    guard = Guard.of("housing", now, [*before, *now], DAY)
    body = msgspec.json.encode({"type": "cn.tenfold.person.changed.v1", "data": {"changed": told, "basis": ["other"]}})
    assert guard.open or guard.shown(body) is None
