"""The catalogue is the only list of event types, and what it says fits provisioning, schemas and examples.

Why: a type that no department may report, or whose schema nobody saw change, is a contract nobody keeps.
"""

import ast
import importlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import shared.contracts
from deploy.tenfold.county import TYPE_NAMES, County, example, generate
from deploy.tenfold.county.cloudevents import REPORTER, TypeName
from shared.auth.caller import DEPARTMENTS
from shared.contracts import schemas
from shared.contracts.catalogue import CATALOGUE, TYPES, EventType, full_type
from shared.contracts.judge import judge
from shared.contracts.values import Payload
from shared.settings import PROVISIONING
from shared.sharing.departments import Departments

FOLDER = Path(shared.contracts.__file__).parent
ROOT = FOLDER.parents[1]


@pytest.fixture(scope="module")
def county() -> County:
    return generate(2_000)


@pytest.fixture(scope="module")
def departments() -> Departments:
    return Departments.load(PROVISIONING)


def payloads(kind: type[Payload] = Payload) -> Iterator[type[Payload]]:
    """Every model of a payload that exists, found by itself and not by the catalogue."""
    for file in FOLDER.glob("*.py"):
        importlib.import_module(f"shared.contracts.{file.stem}")
    for below in kind.__subclasses__():
        yield from payloads(below)
        if not below.__subclasses__():
            yield below


def test_every_payload_is_catalogued_under_one_type() -> None:
    catalogued = {entry.model for entry in TYPES}
    assert {model for model in payloads() if model not in catalogued} == set()
    assert len(CATALOGUE) == len(TYPES)


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.type)
def test_a_type_is_named_by_the_rule_and_reported_by_known_departments(
    entry: EventType, departments: Departments
) -> None:
    subject, _, verb = entry.name.partition(".")
    assert subject.islower()
    assert verb.islower()
    assert entry.type == f"cn.tenfold.{entry.name}.v{entry.version}"
    assert entry.reporters
    assert entry.reporters <= DEPARTMENTS
    for reporter in entry.reporters:
        assert departments.get(reporter).sources, f"{reporter} has no system to report {entry.name} from"


def test_every_provisioned_source_is_one_the_envelope_accepts(departments: Departments, county: County) -> None:
    for department in departments.all():
        for source in department.sources:
            assert departments.owner_of(source) == department.name
            for entry in TYPES:
                if department.name in entry.reporters and entry.name in TYPE_NAMES:
                    event = example(entry.name, county, date(2026, 3, 1), "a") | {"source": source}
                    assert judge(event, department.name, department.sources).envelope.source == source


def test_the_committed_schemas_are_those_of_the_models() -> None:
    committed = {file.name: file.read_text(encoding="utf-8") for file in schemas.FOLDER.glob("*.json")}
    assert committed == schemas.texts(), "run: python -m shared.contracts.schemas"


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.type)
def test_a_schema_is_closed_at_every_level(entry: EventType) -> None:
    def objects(node: object) -> Iterator[dict[str, object]]:
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)
        elif isinstance(node, list):
            for value in node:
                yield from objects(value)

    found = list(objects(json.loads(json.dumps(schemas.schema_of(entry)))))
    assert found
    assert all(each.get("additionalProperties") is False for each in found)
    assert {"action", "effective_on", "supersedes"} <= set(schemas.schema_of(entry)["properties"])


@pytest.mark.parametrize("name", TYPE_NAMES)
def test_an_example_of_the_county_is_accepted_from_its_provisioned_system(
    name: TypeName, county: County, departments: Departments
) -> None:
    reporter = REPORTER[name]
    judged = judge(example(name, county, date(2026, 3, 1), "a"), reporter, departments.get(reporter).sources)
    assert judged.entry is CATALOGUE[full_type(name)]
    kind, _, value = judged.entry.key_of(judged.data)
    assert kind
    assert value


def test_no_other_module_lists_types() -> None:
    """A type's full name stands in the catalogue only; everybody else builds or looks it up."""
    for folder in ("shared", "services"):
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
            assert not texts & set(CATALOGUE), file
