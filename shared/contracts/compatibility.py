"""Whether a changed JSON Schema could break somebody who relies on the released one. Pure, and fails closed.

Both ways are judged. Narrowing breaks who reports: what was accepted is refused. Widening breaks who reads: a value
comes that was never announced. One thing is let through: a new optional member, which readers are told to ignore. Any
other change needs a new version of the type, beside the old one. What the checker does not understand is a break.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

SAYS_NOTHING = frozenset(
    {"$comment", "$defs", "$id", "$schema", "default", "deprecated", "description", "examples", "title"}
)
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
JUDGED = frozenset(
    {
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "enum",
        "items",
        "properties",
        "required",
        "type",
        *LOWER,
        *UPPER,
    }
)


def breaks(released: Schema, proposed: Schema) -> list[str]:
    """What in `proposed` breaks reporters or readers of `released`: one sentence each, with where. None: compatible."""
    narrowed = Comparison(released, proposed, new_members_are_ignored=False)
    widened = Comparison(proposed, released, new_members_are_ignored=True)
    found = [f"{place or '/'} refuses what was accepted: {what}" for place, what in narrowed.run()]
    found += [f"{place or '/'} lets through what was never announced: {what}" for place, what in widened.run()]
    return sorted(set(found))


class Comparison:
    """Whether everything that `old` accepts is accepted by `new`. With `new_members_are_ignored`, members of `old` that
    `new` does not know are passed over where `old` does not require them."""

    def __init__(self, old: Schema, new: Schema, *, new_members_are_ignored: bool) -> None:
        self.old, self.new, self.ignoring = old, new, new_members_are_ignored

    def run(self) -> Iterator[tuple[str, str]]:
        """Where and what is not."""
        return self.compare(self.old, self.new, "")

    def compare(self, old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
        """One schema and all below it."""
        old, new = resolved(old, self.old), resolved(new, self.new)
        if "anyOf" in old or "anyOf" in new:
            yield from self.alternatives(old, new, place)
            return
        yield from unjudged(old, new, place)
        yield from values(old, new, place)
        yield from limits(old, new, place)
        if "items" in old or "items" in new:
            yield from self.compare(old.get("items", {}), new.get("items", {}), f"{place}/items")
        yield from self.members(old, new, place)

    def alternatives(self, old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
        """Each alternative of the old one fits one of the new."""
        for keyword in sorted((old.keys() | new.keys()) - SAYS_NOTHING - {"anyOf"}):
            if "anyOf" in old and "anyOf" in new and old.get(keyword) == new.get(keyword):
                continue
            if "anyOf" in (old if keyword in old else new):
                yield place, f"{keyword} beside anyOf cannot be judged"
        for number, each in enumerate(old.get("anyOf", [old])):
            if all(any(self.compare(each, other, place)) for other in new.get("anyOf", [new])):
                yield place, f"alternative {number} has no counterpart"

    def members(self, old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
        """Members of objects: none is asked for anew, none is taken away, each still takes what it took."""
        had, has = old.get("properties", {}), new.get("properties", {})
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{place}/{name}", "is required"
        closed = new.get("additionalProperties", True) is False
        for name in sorted(had):
            if name in has:
                yield from self.compare(had[name], has[name], f"{place}/{name}")
            elif closed and not self.ignoring:
                yield f"{place}/{name}", "is not there"
            elif self.ignoring and name in old.get("required", ()):
                yield f"{place}/{name}", "is required and new"
        if old.get("additionalProperties", True) is not False:
            if closed and "object" in types(old):
                yield place, "takes no other members"
            for name in sorted(set(has) - set(had)):
                yield f"{place}/{name}", "meant nothing before"
        below = [each.get("additionalProperties", True) for each in (old, new)]
        if any(isinstance(each, Mapping) for each in below) and below[0] != below[1]:
            yield place, "additionalProperties cannot be judged"


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema that a local reference names, with what stands beside the reference. Raises ValueError for others."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    name = str(reference).removeprefix("#/$defs/")
    if name == reference:
        raise ValueError("only references within the document can be judged")
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**resolved(root["$defs"][name], root), **beside}


def unjudged(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
    """Keywords it does not understand: none may come or change. Patterns and formats, which it cannot read, may go."""
    for keyword in sorted((old.keys() | new.keys()) - SAYS_NOTHING - JUDGED):
        if keyword in new and old.get(keyword) != new[keyword]:
            yield place, f"{keyword} is new or another"
        elif keyword not in new and keyword not in {"pattern", "format"}:
            yield place, f"{keyword} is gone and cannot be judged"


def types(schema: Schema) -> set[str]:
    """The types a schema allows; all, where it names none."""
    named: str | Sequence[str] = schema.get("type", ALL_TYPES)
    listed = {named} if isinstance(named, str) else set(named)
    return listed | ({"integer"} if "number" in listed else set())


ALL_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def values(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
    """Types and listed values."""
    if lost := types(old) - types(new):
        yield place, f"may not be {' or '.join(sorted(lost))}"
    before, after = listed(old), listed(new)
    if after is not None:
        if before is None:
            yield place, "takes listed values only"
        elif lost := before - after:
            yield place, f"may not be {' or '.join(sorted(lost))}"


def listed(schema: Schema) -> set[str] | None:
    """The listed values as text; None where any is taken."""
    found = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if found is None else {repr(each) for each in found}


def limits(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
    """Lower limits may fall and upper ones rise, or go."""
    for keyword in LOWER:
        if keyword in new and (keyword not in old or new[keyword] > old[keyword]):
            yield place, f"{keyword} is {new[keyword]}"
    for keyword in UPPER:
        if keyword in new and (keyword not in old or new[keyword] < old[keyword]):
            yield place, f"{keyword} is {new[keyword]}"
