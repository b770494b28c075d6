"""A changed schema: what could break a reporter or a reader is named, everything else is let through."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.compatibility import breaks

Schema = dict[str, Any]
RELEASED: Schema = {
    "$defs": {"Place": {"type": "object", "additionalProperties": False, "properties": {"area": {"type": "string"}}}},
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20, "title": "Name"},
        "kind": {"enum": ["family", "collective"], "type": "string"},
        "number": {"type": "string", "pattern": "^[0-9]+$"},
        "born": {"type": "string", "format": "date"},
        "place": {"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]},
        "people": {"type": "array", "items": {"$ref": "#/$defs/Place"}, "minItems": 1, "maxItems": 4},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "version": {"const": 1},
    },
}


def changed(change: Callable[[Schema], object]) -> Schema:
    proposed = copy.deepcopy(RELEASED)
    change(proposed)
    return proposed


def at(name: str, **keywords: Any) -> Callable[[Schema], object]:
    """Change keywords of a member; None takes one away."""

    def change(schema: Schema) -> None:
        for keyword, value in keywords.items():
            if value is None:
                del schema["properties"][name][keyword]
            else:
                schema["properties"][name][keyword] = value

    return change


COMPATIBLE: dict[str, Callable[[Schema], object]] = {
    "nothing": lambda schema: None,
    "other words": at("name", title="Full name", description="As registered", examples=["x"]),
    "a new optional member": lambda schema: schema["properties"].update(note={"type": "string"}),
    "a new optional member further down": lambda schema: schema["$defs"]["Place"]["properties"].update(
        facility={"type": "string"}
    ),
    "another order": lambda schema: schema["properties"]["kind"]["enum"].reverse(),
    "a definition under another name": lambda schema: (
        schema.update({"$defs": {"Place": schema["$defs"]["Place"], "Spot": schema["$defs"]["Place"]}})
        or schema["properties"]["people"].update(items={"$ref": "#/$defs/Spot"})
    ),
}
BREAKING: dict[str, tuple[Callable[[Schema], object], str]] = {
    "a new required member": (
        lambda schema: schema["properties"].update(note={"type": "string"}) or schema["required"].append("note"),
        "/note refuses what was accepted: is required",
    ),
    "an optional member becomes required": (
        lambda schema: schema["required"].append("number"),
        "/number refuses what was accepted: is required",
    ),
    "a required member becomes optional": (
        lambda schema: schema["required"].remove("kind"),
        "/kind lets through what was never announced: is required",
    ),
    "a member is gone": (
        lambda schema: schema["properties"].pop("number"),
        "/number refuses what was accepted: is not there",
    ),
    "a member is gone further down": (
        lambda schema: schema["$defs"]["Place"]["properties"].pop("area"),
        "/people/items/area refuses what was accepted: is not there",
    ),
    "a value is gone": (at("kind", enum=["family"]), "/kind refuses what was accepted: may not be 'collective'"),
    "a value is new": (
        at("kind", enum=["family", "collective", "other"]),
        "/kind lets through what was never announced: may not be 'other'",
    ),
    "any value": (at("kind", enum=None), "/kind lets through what was never announced: takes listed values only"),
    "another constant": (at("version", const=2), "/version refuses what was accepted: may not be 1"),
    "another type": (at("name", type="integer"), "/name refuses what was accepted: may not be string"),
    "one more type": (
        at("name", type=["string", "null"]),
        "/name lets through what was never announced: may not be null",
    ),
    "a fraction": (at("count", type="number"), "/count lets through what was never announced: may not be number"),
    "another pattern": (
        at("number", pattern="^[1-9]+$"),
        "/number refuses what was accepted: pattern is new or another",
    ),
    "a pattern where none was": (
        at("name", pattern="^A"),
        "/name refuses what was accepted: pattern is new or another",
    ),
    "no pattern": (
        at("number", pattern=None),
        "/number lets through what was never announced: pattern is new or another",
    ),
    "another format": (at("born", format="date-time"), "/born refuses what was accepted: format is new or another"),
    "shorter": (at("name", maxLength=10), "/name refuses what was accepted: maxLength is 10"),
    "longer": (at("name", maxLength=30), "/name lets through what was never announced: maxLength is 20"),
    "a higher minimum": (at("count", minimum=1), "/count refuses what was accepted: minimum is 1"),
    "no maximum": (at("count", maximum=None), "/count lets through what was never announced: maximum is 9"),
    "fewer entries": (at("people", maxItems=3), "/people refuses what was accepted: maxItems is 3"),
    "null no more": (
        at("place", anyOf=[{"$ref": "#/$defs/Place"}]),
        "/place refuses what was accepted: alternative 1 has no counterpart",
    ),
    "one more alternative": (
        at("place", anyOf=[{"$ref": "#/$defs/Place"}, {"type": "null"}, {"type": "string"}]),
        "/place lets through what was never announced: alternative 2 has no counterpart",
    ),
    "open": (
        lambda schema: schema.update(additionalProperties=True),
        "/ lets through what was never announced: takes no other members",
    ),
    "what the checker does not understand": (
        at("name", contentEncoding="base64"),
        "/name refuses what was accepted: contentEncoding is new or another",
    ),
}


@pytest.mark.parametrize("change", COMPATIBLE.values(), ids=COMPATIBLE)
def test_what_breaks_nobody_is_let_through(change: Callable[[Schema], object]) -> None:
    assert breaks(RELEASED, changed(change)) == []


@pytest.mark.parametrize(("change", "found"), BREAKING.values(), ids=BREAKING)
def test_what_could_break_somebody_is_named(change: Callable[[Schema], object], found: str) -> None:
    assert found in breaks(RELEASED, changed(change))


def test_a_closed_schema_that_was_open_breaks_reporters() -> None:
    opened = changed(lambda schema: schema.pop("additionalProperties"))
    assert "/ refuses what was accepted: takes no other members" in breaks(opened, RELEASED)
    also = changed(lambda schema: schema.update(additionalProperties=True) or schema["properties"].update(new={}))
    assert "/new refuses what was accepted: meant nothing before" in breaks(opened, also)


def test_members_of_any_name_are_beyond_the_checker() -> None:
    mapping = changed(lambda schema: schema.update(additionalProperties={"type": "string"}))
    assert any("cannot be judged" in each for each in breaks(RELEASED, mapping))
    assert breaks(mapping, mapping) == []


def test_a_keyword_beside_alternatives_is_beyond_the_checker() -> None:
    beside = changed(at("place", minLength=2))
    assert any("cannot be judged" in each for each in breaks(RELEASED, beside))
    assert breaks(beside, beside) == []


def test_a_reference_out_of_the_document_is_refused() -> None:
    with pytest.raises(ValueError, match="within the document"):
        breaks(RELEASED, changed(at("name", **{"$ref": "elsewhere.json"})))


LEAVES = st.sampled_from(
    [{"type": "string"}, {"type": "integer", "minimum": 1}, {"enum": ["a", "b"], "type": "string"}, {}]
)


@given(
    st.recursive(
        LEAVES,
        lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3).map(
            lambda members: {"type": "object", "additionalProperties": False, "properties": members}
        ),
    )
)
def test_every_schema_is_compatible_with_itself(schema: Schema) -> None:
    assert breaks(schema, copy.deepcopy(schema)) == []
