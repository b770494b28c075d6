"""The catalogue as people read it: every type with who reports it, its members and an example."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.exchange.contract.asyncapi import told_example
from services.exchange.contract.meanings import MEANINGS, Said
from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.effects import CHANGES
from shared.contracts.entries import ENTRIES, EntryType
from shared.contracts.examples import example_of
from shared.contracts.schemas import file_of, schema_of
from shared.errors_text import ERRORS
from shared.sharing.agreements import Agreements
from shared.sharing.departments import Departments
from shared.sharing.fields import FIELDS, FieldName
from shared.sharing.fields import MEANINGS as FIELD_MEANINGS
from shared.sharing.words import Words

Json = Mapping[str, Any]
TEXT = Words(zh="文本", en="text")


@dataclass(frozen=True)
class Member:
    """One line of a table. `link` names the value that the member consists of."""

    name: str
    meaning: Words
    takes: Words
    link: str | None
    required: bool


@dataclass(frozen=True)
class Value:
    """A value that several types share."""

    name: str
    title: Words
    members: Sequence[Member]


@dataclass(frozen=True)
class Informed:
    """A department that is told of such an event, of people it holds a case on, by its agreements in force."""

    department: Words
    fields: Sequence[Words]
    agreements: Sequence[str]


@dataclass(frozen=True)
class Section:
    """One type. `reporters` and `main` are empty for what departments are told."""

    name: str
    type: str
    said: Said
    members: Sequence[Member]
    example: str
    reporters: Sequence[Words] = ()
    main: str | None = None
    about: Sequence[str] = ()
    """The roles of the people it is about; the first ones always stand in it."""
    schema: str | None = None
    changes: Sequence[Words] = ()
    told: Sequence[Informed] = ()


def sections(
    departments: Departments, agreements: Agreements, on: date
) -> tuple[list[Section], list[Section], list[Value]]:
    """What is reported, what is told, and the values that stand in both."""
    values: dict[str, Value] = {}
    reported = [reported_section(entry, departments, agreements, on, values) for entry in TYPES]
    told = [told_section(entry, values) for entry in ENTRIES]
    return reported, told, [values[name] for name in MEANINGS.values if name in values]


def reported_section(
    entry: EventType, departments: Departments, agreements: Agreements, on: date, values: dict[str, Value]
) -> Section:
    """A type of the catalogue."""
    model = schema_of(entry)
    return Section(
        name=entry.name,
        type=entry.type,
        said=MEANINGS.types[entry.name],
        members=members_of(entry.model.__name__, model, values),
        example=pretty(example_of(entry)),
        reporters=[each.title for each in departments.all() if each.name in entry.reporters],
        main=entry.main,
        about=roles_of(entry),
        schema=f"/schemas/{file_of(entry)}",
        changes=[FIELD_MEANINGS[name] for name in FIELDS if name in CHANGES[entry.name]],
        told=list(informed(CHANGES[entry.name], departments, agreements, on)),
    )


def roles_of(entry: EventType) -> list[str]:
    """The roles of the people in its example."""
    return list(entry.people(entry.adapter.validate_python(example_of(entry)["data"])))


def informed(
    changes: frozenset[FieldName], departments: Departments, agreements: Agreements, on: date
) -> Iterator[Informed]:
    """Which departments may be told what such an event changes, and by which agreements in force on that day."""
    for department in departments.all():
        granting = [each for each in agreements.for_(department.name, None, on) if changes & set(each.fields)]
        given = {name for each in granting for name in each.fields}
        if granting:
            fields = [FIELD_MEANINGS[name] for name in FIELDS if name in changes and name in given]
            yield Informed(department.title, fields, [each.identifier for each in granting])


@dataclass(frozen=True)
class ProblemType:
    """A problem type as people read it; `slug` is its place on the page."""

    slug: str
    status: int
    title: Words
    what_to_do: Words


def problems() -> list[ProblemType]:
    """Every problem type there is."""
    return [
        ProblemType(
            slug,
            text.status,
            Words(zh=text.title_zh, en=text.title_en),
            Words(zh=text.what_to_do_zh, en=text.what_to_do_en),
        )
        for slug, text in sorted(ERRORS.items())
    ]


def told_section(entry: EntryType, values: dict[str, Value]) -> Section:
    """A type of entry."""
    members = members_of(entry.model.__name__, entry.model.model_json_schema(), values)
    return Section(entry.name, entry.type, MEANINGS.entries[entry.name], members, pretty(told_example(entry)))


def pretty(document: Json) -> str:
    """JSON as people read it."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def members_of(model: str, schema: Json, values: dict[str, Value]) -> list[Member]:
    """The members of an object; the values it consists of are collected on the way."""
    definitions = schema.get("$defs", {})
    for name, definition in definitions.items():
        if "properties" in definition and name not in values:
            values[name] = Value(name, MEANINGS.values[name], lines(name, definition, definitions))
    return lines(model, schema, definitions)


def lines(model: str, schema: Json, definitions: Json) -> list[Member]:
    """One line for each member."""
    required = schema.get("required", ())
    return [
        Member(name, MEANINGS.member(model, name), *takes(each, definitions), name in required)
        for name, each in schema["properties"].items()
    ]


def takes(schema: Json, definitions: Json) -> tuple[Words, str | None]:
    """What a member takes, and the value it links to."""
    alternatives = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    schema = alternatives[0]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if "properties" in definitions[name]:
            return MEANINGS.values[name], name
        schema = definitions[name]
    if listed := schema.get("enum") or ([schema["const"]] if "const" in schema else None):
        codes = ", ".join(map(str, listed))
        return Words(zh=codes, en=codes), None
    match schema.get("type"), schema.get("format"):
        case "array", _:
            return several(schema, definitions)
        case "string", "date":
            return Words(zh="日期 YYYY-MM-DD", en="date, YYYY-MM-DD"), None
        case "string", "uuid":
            return Words(zh="UUID", en="UUID"), None
        case "string", _:
            most = schema.get("maxLength")
            return Words(zh=f"文本，最多 {most} 字", en=f"text, up to {most}") if most else TEXT, None
        case "boolean", _:
            return Words(zh="true 或 false", en="true or false"), None
        case "integer", _:
            return Words(zh="整数", en="whole number"), None
        case _:
            return Words(zh="对象", en="object"), None


def several(schema: Json, definitions: Json) -> tuple[Words, str | None]:
    """A list and how long it may be."""
    each, link = takes(schema["items"], definitions)
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    count = "" if most is None else f"{most}" if least == most else f"{least}–{most}"
    return Words(zh=f"列表：{each.zh} {count}".strip(), en=f"list: {each.en} {count}".strip()), link
