"""What the registry reads of an accepted event without judging it again is what the strict models give."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deploy.tenfold.county import generate
from deploy.tenfold.county.month import plan
from services.registry.facts.sayings import event_itself, facts_about, facts_of
from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.examples import example_of
from shared.contracts.judge import Judged, judge
from shared.contracts.judged import plain, read
from shared.errors import Forbidden, Invalid
from tests.histories import BORN
from tests.registry_world import CloudEvent, department_of

ACTIONS = st.sampled_from(["created", "corrected", "annulled"])
SUPERSEDED = {"source": "urn:tenfold:health:x", "id": "é \"\\/'\u2028"}


def told(judged: Judged, department: str) -> bytes:
    """The entry of `vital-events` that the journal makes of it."""
    return b'{"department":"%s","event":%s}' % (department.encode(), judged.canonical)


def without_nothing(value: Any) -> Any:
    """A document without the members that say nothing."""
    if isinstance(value, dict):
        return {name: without_nothing(each) for name, each in value.items() if each is not None}
    return [without_nothing(each) for each in value] if isinstance(value, list) else value


def assert_read_alike(event: CloudEvent) -> None:
    """Every member, and every fact that is made of it."""
    department = department_of(event)
    judged = judge(event, department)
    accepted, entry, data = read(told(judged, department))
    envelope = judged.envelope
    assert entry is judged.entry
    assert accepted.department == department
    assert (accepted.event.source, accepted.event.id) == (envelope.source, envelope.id)
    assert (accepted.event.subject, accepted.event.time) == (envelope.subject, envelope.time)
    assert without_nothing(msgspec.to_builtins(data)) == judged.data.model_dump(mode="json", exclude_none=True)
    about = event_itself(entry.type, accepted.event, data, recorded_at=None, department=department)
    strictly = facts_of(entry.type, envelope, judged.data, recorded_at=None, department=department)
    assert facts_about(about, entry, data) == strictly


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
def test_the_example_of_every_type(entry: EventType) -> None:
    assert_read_alike(example_of(entry))


def test_every_report_of_the_countys_month() -> None:
    county = generate(2_000, seed=5)
    reports = plan(county, 30, date(2026, 3, 1)).reports
    assert len({report.cloud_event["type"] for report in reports}) == len(TYPES)
    for report in reports:
        assert_read_alike(dict(report.cloud_event))


@settings(max_examples=200, deadline=None)
@given(
    entry=st.sampled_from(TYPES),
    action=ACTIONS,
    name=st.text(min_size=1, max_size=20),
    time=st.datetimes().map(lambda moment: f"{moment.isoformat()}+08:00"),
    sex=st.sampled_from(["unknown", "male", "female", "unspecified"]),
)
def test_whatever_the_judge_accepts(entry: EventType, action: str, name: str, time: str, sex: str) -> None:
    example = example_of(entry)
    supersedes = {} if action == "created" else {"supersedes": SUPERSEDED}
    data = {key: value for key, value in example["data"].items() if key != "supersedes"}
    if "person" in data:
        data["person"] = {**data["person"], "name": name, "sex": sex}
    event = {**example, "time": time, "data": {**data, "action": action, **supersedes}}
    try:
        judge(event, department_of(event))
    except (Invalid, Forbidden):
        assume(False)
    assert_read_alike(event)


@pytest.mark.parametrize("change", [{"birth_date": "1990"}, {"sex": "other"}, {"more": 1}, {"name": None}])
def test_what_is_no_vital_event_is_refused(change: dict[str, Any]) -> None:
    example = next(example_of(entry) for entry in TYPES if entry.name == "household.registered")
    content = {name: example[name] for name in ("type", "source", "id", "subject", "time", "data")}
    person = {**content["data"]["person"], **change}
    event = {**content, "data": {**content["data"], "person": person}}
    assert person["birth_date"] != str(BORN)
    with pytest.raises(msgspec.ValidationError):
        read(msgspec.json.encode({"department": "public-security", "event": event}))


def test_a_kind_of_member_that_is_not_known_is_no_guess() -> None:
    with pytest.raises(TypeError):
        plain(dict[str, int])
