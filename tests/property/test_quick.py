"""What is judged quickly is judged as the judge does: nothing else is accepted, and the same is read of it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, StringConstraints, field_validator, model_validator

from deploy.tenfold.county import generate
from deploy.tenfold.county.month import plan
from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.examples import example_of
from shared.contracts.judge import Judged, judge, parse_json
from shared.contracts.quick import quickly
from shared.contracts.ruled import struct_of
from shared.errors import Forbidden, Invalid
from tests.registry_world import CloudEvent, department_of

SCHEMES: Mapping[str, frozenset[str]] = {
    kind: frozenset(
        example_of(entry)["data"]["scheme"]
        for entry in TYPES
        if entry.name.startswith(kind) and "scheme" in example_of(entry)["data"]
    )
    for kind in ("entitlement", "insurance")
}


def both(raw: bytes, department: str, sources: frozenset[str]) -> tuple[Judged | None, Judged | None]:
    """What either makes of it; None where it is not accepted."""
    try:
        strictly = judge(parse_json(raw), department, sources, SCHEMES)
    except (Invalid, Forbidden):
        strictly = None
    return quickly(raw, department, sources, SCHEMES), strictly


def assert_alike(raw: bytes, department: str, sources: frozenset[str]) -> Judged | None:
    """Whoever is accepted quickly is accepted strictly, and all that is made of it is the same."""
    quick, strict = both(raw, department, sources)
    if quick is not None:
        assert strict is not None
        assert quick.canonical == strict.canonical
        assert quick.digest == strict.digest
        assert quick.entry is strict.entry
        for name in ("type", "source", "id", "subject", "time", "batchid"):
            assert getattr(quick.envelope, name) == getattr(strict.envelope, name)
        assert quick.entry.key_of(quick.data) == strict.entry.key_of(strict.data)
        plain = json.loads(msgspec.json.encode(quick.data))
        assert plain == strict.data.model_dump(mode="json", exclude_none=True)
    return quick


def encoded(event: Any) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
def test_the_example_of_every_type_is_judged_quickly(entry: EventType) -> None:
    event = example_of(entry)
    source = frozenset({event["source"]})
    assert quickly(encoded(event), department_of(event), source, SCHEMES) is not None
    assert quickly(json.dumps(event, indent=1).encode(), department_of(event), source, SCHEMES) is not None


def test_every_report_of_the_countys_month_without_null_is_judged_quickly() -> None:
    reports = plan(generate(2_000, seed=5), 30, date(2026, 3, 1)).reports
    assert len({report.cloud_event["type"] for report in reports}) == len(TYPES)
    for report in reports:
        event: dict[str, Any] = dict(report.cloud_event)
        raw, sources = encoded(event), frozenset({event["source"]})
        schemes = {event["type"].split(".")[2]: {event["data"].get("scheme")}}
        quick = quickly(raw, department_of(event), sources, schemes)
        strict = judge(parse_json(raw), department_of(event), sources, schemes)
        assert (quick is None) == (b": null" in raw)
        assert quick is None or (quick.canonical, quick.digest) == (strict.canonical, strict.digest)


MARKS = [
    "a\n",
    "\n",
    "\u0000",
    "\u0085",
    "\u2028",
    "\ud800",
    '"',
    "\\",
    '\\"',
    "e\u0301",
    "\U0001f600",
    "",
    " ",
    "１２",
]
LENGTHS = ["x" * 200, "x" * 201, "\U0001f600" * 200]
NUMBERS = ["370102196101043384", "370102196101043384\n", "no 370102196101043384", "370102", "370102902002\n", "123\n"]
DAYS = ["2024-02-29", "2026-02-29", "1849-12-31", "1850-01-01", "2199-12-31", "2200-01-01", "2024-2-9", "2024-060"]
TIMES = ["20240229", "2024-02-29T00:00:00Z", "2024-02-29 00:00:00Z", "2024-02-29t00:00:00z", "2024-02-29T00:00:00"]
ODD = ["2024-02-29T00:00:00.1234567+14:00", "2024-02-29T24:00:00Z", "2024-02-29T00:00:60Z", "1850-01-01T00:00:00+08:00"]
WORDS = [
    "created",
    "corrected",
    "annulled",
    "female",
    "1.0",
    "application/json",
    "spring-2024",
    "0.00",
    "0.01",
    "3600.0",
]
URNS = ["urn:tenfold:public-security:household-register", "urn:tenfold:health:x", "urn:a\n"]
TEXTS = [*MARKS, *LENGTHS, *NUMBERS, *DAYS, *TIMES, *ODD, *WORDS, *URNS]
HARD = st.sampled_from(TEXTS)
JSON = st.recursive(
    HARD | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(here: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    inside = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
    return [path, *(place for name, value in inside for place in places(value, (*path, name)))]


def changed(here: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with something else in one place."""
    if not path:
        return value
    copy = dict(here) if isinstance(here, dict) else list(here)
    copy[path[0]] = changed(copy[path[0]], path[1:], value)
    return copy


def named(here: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        here = here[name]
    return here


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
def test_every_hard_text_in_every_place(entry: EventType) -> None:
    event = example_of(entry)
    department, accepted = department_of(event), 0
    for path in places(event):
        value = named(event, path)
        others: list[Any] = [value * n for n in (0, 5, 21)] if isinstance(value, list) else []
        for other in [*others, *(TEXTS if isinstance(value, str) else ())]:
            made = changed(event, path, other)
            accepted += assert_alike(encoded(made), department, frozenset({made["source"]})) is not None
    assert accepted > len(TEXTS)  # of an id, say, most of them may be part


@st.composite
def events(draw: st.DrawFn) -> tuple[CloudEvent, str]:
    """An event of any type, with other values in up to two places, members that are new, and members left out."""
    event: Any = deepcopy(example_of(draw(st.sampled_from(TYPES))))
    department = department_of(event)
    if draw(st.booleans()):
        event["data"] |= {
            "action": draw(st.sampled_from(["created", "corrected", "annulled"])),
            "supersedes": draw(st.none() | st.fixed_dictionaries({"source": HARD, "id": HARD})),
        }
    for name in draw(st.sets(st.sampled_from(["batchid", "traceparent", "tracestate", "dataschema"]))):
        event[name] = draw(HARD | st.just("00-abc"))
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from(places(event)))
        event = changed(event, path, draw(JSON))
        if isinstance(event, dict) and draw(st.integers(0, 3)) == 0:
            holders = [each for each in places(event) if isinstance(named(event, each), dict) and named(event, each)]
            if holders:
                holder = named(event, draw(st.sampled_from(holders)))
                name = draw(st.sampled_from(sorted(holder, key=str)))
                holder[draw(st.text(max_size=4))] = holder.pop(name)
    return event, department


@settings(max_examples=1500, deadline=None)
@given(made=events(), escaped=st.booleans(), spaces=st.sampled_from([None, 1]))
def test_whatever_stands_anywhere_is_accepted_by_the_judge_too(
    made: tuple[Any, str], escaped: bool, spaces: int | None
) -> None:
    event, department = made
    raw = json.dumps(event, ensure_ascii=escaped, indent=spaces).encode("utf-8", "surrogatepass")
    source = event.get("source") if isinstance(event, dict) else None
    assert_alike(raw, department, frozenset({source} if isinstance(source, str) else ()))


@settings(max_examples=600, deadline=None)
@given(entry=st.sampled_from(TYPES), data=st.data())
def test_a_member_that_is_named_twice_is_left_to_the_judge(entry: EventType, data: st.DataObject) -> None:
    event = example_of(entry)
    objects = [path for path in places(event) if isinstance(named(event, path), dict)]
    path = data.draw(st.sampled_from(objects))
    name = data.draw(st.sampled_from(sorted(named(event, path))))
    again = data.draw(st.sampled_from([named(event, path)[name], data.draw(JSON)]))
    twice = data.draw(st.permutations([named(event, path)[name], again]))
    mark = "\ue000"
    value = json.dumps(twice[0]) + "," + json.dumps(name) + ":" + json.dumps(twice[1])
    raw = json.dumps(changed(event, (*path, name), mark), ensure_ascii=False).replace(f'"{mark}"', value).encode()
    assert raw.count(json.dumps(name).encode()) >= 2
    assert both(raw, department_of(event), frozenset({event["source"]})) == (None, None)


@settings(max_examples=600, deadline=None)
@given(entry=st.sampled_from(TYPES), place=st.integers(0, 5000), put=st.binary(max_size=3), drop=st.integers(0, 3))
def test_bytes_that_were_damaged_are_accepted_by_both_or_left_to_the_judge(
    entry: EventType, place: int, put: bytes, drop: int
) -> None:
    event = example_of(entry)
    raw = encoded(event)
    place %= len(raw)
    assert_alike(raw[:place] + put + raw[place + drop :], department_of(event), frozenset({event["source"]}))


def test_another_departments_source_or_type_is_left_to_the_judge() -> None:
    event = example_of(next(entry for entry in TYPES if entry.name == "birth.certified"))
    raw = encoded(event)
    assert quickly(raw, "health", frozenset({event["source"]}), {}) is not None
    assert quickly(raw, "health", frozenset(), {}) is None
    assert quickly(raw, "public-security", frozenset({event["source"]}), {}) is None
    foreign = encoded({**event, "source": "urn:tenfold:public-security:x"})
    assert quickly(foreign, "health", frozenset({"urn:tenfold:public-security:x"}), {}) is None


class Lenient(BaseModel):
    """Rules of which nothing is known here."""

    trimmed: Annotated[str, StringConstraints(strip_whitespace=True)]


class Digits(BaseModel):
    digits: Annotated[str, Field(pattern=r"^\d+$")]


class Open(BaseModel):
    found: Annotated[str, StringConstraints(pattern="a")]


class Older(BaseModel):
    age: Annotated[int, Field(gt=3)]


class Defaulted(BaseModel):
    kind: str = "usual"


class Validated(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def short(cls, value: str) -> str:
        return value[:3]


class Before(BaseModel):
    name: str

    @model_validator(mode="before")
    @classmethod
    def anything(cls, value: Any) -> Any:
        return value


@pytest.mark.parametrize("model", [Lenient, Digits, Open, Older, Defaulted, Validated, Before])
def test_a_rule_that_is_not_known_is_no_guess(model: type[BaseModel]) -> None:
    with pytest.raises(TypeError):
        struct_of(model)
