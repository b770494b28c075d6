"""The canonical form that "same content" compares is RFC 8785, byte for byte."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import CloudEvent
from shared.contracts.judge import canonical, judge, parse_json
from shared.errors import Forbidden, Invalid
from tests.exchange_world import registration

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
HARD = st.sampled_from(
    ["\u2028", "\u20ac", "\U0001f600\ufb33", "\"\\/'", "\u007e\u00a0\uffff", "é e\u0301", "<script>"]
)
INSTANTS = st.datetimes(datetime(1850, 1, 2), datetime(2199, 12, 30))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def event_of(subject: str, name: str, at: datetime, day: date) -> dict[str, Any]:
    event = registration("a", subject=subject, time=at.isoformat())
    event["data"]["person"]["name"] = name
    event["data"]["effective_on"] = day.isoformat()
    return event


@settings(max_examples=300, deadline=None)
@given(
    subject=TEXT | HARD,
    name=TEXT | HARD,
    moment=INSTANTS,
    offset=OFFSETS,
    day=st.dates(date(1850, 1, 1), date(2199, 12, 31)),
)
def test_canonical_equals_rfc_8785(subject: str, name: str, moment: datetime, offset: timezone, day: date) -> None:
    event = event_of(subject, name, moment.replace(tzinfo=UTC).astimezone(offset), day)
    try:
        judged = judge(event, "public-security")
    except Invalid:
        assume(False)
    content = {part: event[part] for part in ("type", "source", "id", "subject", "data")}
    content["time"] = moment.replace(tzinfo=UTC).isoformat()
    assert judged.canonical == rfc8785.dumps(content)
    assert canonical(judged.envelope, judged.data) == judged.canonical
    assert json.loads(judged.canonical) == content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PLACES = st.sampled_from(
    ["id", "time", "type", "source", "data", "person", "identifiers", "name", "sex", "household", "area", "kind", "new"]
)


def placed(here: Any, name: str, value: Any) -> Any:
    """The event with every member of that name changed, or with a new member."""
    if isinstance(here, list):
        return [placed(each, name, value) for each in here]
    if isinstance(here, dict):
        changed = {k: value if k == name else placed(v, name, value) for k, v in here.items()}
        return changed | {"new": value} if name == "new" else changed
    return here


@settings(max_examples=400, deadline=None)
@given(place=PLACES, value=JSON)
def test_whatever_stands_anywhere_is_judged_and_never_breaks_the_judge(place: str, value: Any) -> None:
    try:
        judged = judge(placed(registration("a"), place, value), "public-security")
    except (Invalid, Forbidden) as refusal:
        assert json.dumps(refusal.body("zh-CN"), ensure_ascii=False).encode()
    else:
        assert isinstance(judged.envelope, CloudEvent)


def test_an_object_without_end_is_refused_before_every_member_becomes_a_fault() -> None:
    endless = json.dumps({"data": {f"member-{n}": n for n in range(25_000)}}).encode()
    with pytest.raises(Invalid) as refusal:
        parse_json(endless)
    (fault,) = refusal.value.faults
    assert "too many members" in str(fault.message)
