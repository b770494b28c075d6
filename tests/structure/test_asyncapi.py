"""The AsyncAPI document is valid by the official parser and says what the catalogue says.

Why: departments generate their Kafka clients from it.
"""

import copy
from typing import Any

import jsonschema_rs
import pytest

from services.exchange.contract.asyncapi import document
from shared.auth.caller import DEPARTMENTS
from shared.contracts.catalogue import TYPES
from shared.contracts.entries import ENTRIES
from shared.settings import PROVISIONING
from shared.sharing.departments import Departments
from tests.asyncapi import parse


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return document(list(Departments.load(PROVISIONING).all()))


def test_the_official_parser_finds_no_fault_and_every_channel(told: dict[str, Any]) -> None:
    found = parse(told)
    assert found.errors == []
    assert found.channels is not None
    reporting = {name for entry in TYPES for name in entry.reporters}
    expected = {f"tenfold.intake.{name}" for name in reporting} | {f"tenfold.feed.{name}" for name in DEPARTMENTS}
    expected |= {f"tenfold.feed.{name}.{{subscription}}" for name in DEPARTMENTS}
    assert set(found.channels) == expected


def test_the_parser_would_find_a_fault(told: dict[str, Any]) -> None:
    broken = copy.deepcopy(told)
    del broken["channels"]["feed-health"]["address"]
    broken["operations"]["follow-health"]["action"] = "shout"
    assert parse(broken).errors != []


def test_every_example_keeps_its_schema_and_a_broken_one_does_not(told: dict[str, Any]) -> None:
    """The parser does not look at examples of AsyncAPI 3."""
    for name, message in told["components"]["messages"].items():
        schema = {"$ref": f"#/components/messages/{name}/payload", "components": told["components"]}
        validator = jsonschema_rs.Draft202012Validator(schema)
        example = message["examples"][0]["payload"]
        assert [error.message for error in validator.iter_errors(example)] == [], name
        assert not validator.is_valid(example | {"data": {}}), name


def test_a_department_may_produce_exactly_the_types_it_may_report(told: dict[str, Any]) -> None:
    for name in DEPARTMENTS:
        mine = {entry.name for entry in TYPES if name in entry.reporters}
        assert set(told["channels"].get(f"intake-{name}", {"messages": {}})["messages"]) == mine
        for channel in (f"feed-{name}", f"subscription-{name}"):
            assert set(told["channels"][channel]["messages"]) == {entry.name for entry in ENTRIES}


def test_every_message_has_its_payload_and_an_example(told: dict[str, Any]) -> None:
    messages = told["components"]["messages"]
    assert set(messages) == {entry.name for entry in (*TYPES, *ENTRIES)}
    for name, message in messages.items():
        assert message["payload"]["properties"]["type"] == {"const": message["name"]}, name
        assert message["examples"][0]["payload"]["type"] == message["name"]
        assert message["summary"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_example_of_an_entry_is_one(entry: Any) -> None:
    assert entry.model.model_validate(entry.example)


def test_the_prefix_of_topics_is_the_deployments() -> None:
    channels = document(list(Departments.load(PROVISIONING).all()), "city")["channels"]
    assert all(channel["address"].startswith("city.") for channel in channels.values())
