"""The AsyncAPI 3 document of the Kafka edges, made from the catalogue: what is reported to the intake topics, what is
told on the feed topics. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.exchange.contract.meanings import MEANINGS, explained
from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.entries import ENTRIES, SOURCE, EntryType
from shared.contracts.envelope import CloudEvent
from shared.contracts.examples import example_of
from shared.kafka.topics import feed_topic, intake_topic, subscription_topic
from shared.sharing.departments import Department

CLOUD_EVENT = "application/cloudevents+json"
REFERENCE = "#/components/schemas/{model}"
SUBJECT = (
    "receipt.changed: the receipt. case.changed: the case, or the reference where there is none. intake.refused: the"
    " topic. All others: the department's own reference of a person."
)
NAMING = ("receipt", "into", "case", "topic")  # the member that is the subject too, where there is one
Json = dict[str, Any]

FILTERED = """The department's feed through a subscription's filter. Headers besides epoch and position: `after`, the
position of the record before it, and `round`, which a replay begins anew. In a new epoch it begins with the feed."""
PARAMETERS: Json = {"subscription": {"description": "The name in PUT /v1/subscriptions/{name} with the kind `kafka`."}}

DESCRIPTION = """Ten departments report vital events once, and each receives what its agreements allow.

A department produces CloudEvents (structured mode, or binary mode with `ce_` headers) to its own intake topic, and
reads its own feed topic; a department's topics stand once it is provisioned with `kafka: true`. The same event by Kafka
or HTTP gives the same receipt. What cannot be accepted is answered on the feed as `intake.refused`. Readers ignore
members and types that they do not know; `ce_id` is the same in every epoch and over HTTP, so that a repeat is known by
it, and corrections are acknowledged by it over HTTP. How to begin, step by step: /catalogue. The same over HTTP:
/openapi.json."""


def document(departments: Sequence[Department], prefix: str = "tenfold") -> Json:
    """The whole document, for these departments and this prefix of topics."""
    schemas = components()
    reported = {entry.name: message(entry, envelope(entry, schemas), example_of(entry)) for entry in TYPES}
    told = {entry.name: message(entry, told_envelope(entry), told_example(entry)) for entry in ENTRIES}
    schemas.pop("CloudEvent")
    channels: Json = {}
    operations: Json = {}
    for department in departments:
        name = department.name
        types = [entry.name for entry in TYPES if name in entry.reporters]
        if types:
            title = f"{department.title.en} reports"
            channels[f"intake-{name}"] = channel(intake_topic(name, prefix), title, types)
            operations[f"report-{name}"] = operation("receive", f"intake-{name}", title, types)
        title = f"{department.title.en} is told"
        channels[f"feed-{name}"] = channel(feed_topic(name, prefix), title, list(told))
        operations[f"follow-{name}"] = operation("send", f"feed-{name}", title, list(told))
        title = f"{department.title.en} is told what it subscribed to"
        filtered = channel(subscription_topic(name, "{subscription}", prefix), title, list(told))
        channels[f"subscription-{name}"] = filtered | {"description": FILTERED, "parameters": PARAMETERS}
        operations[f"subscribe-{name}"] = operation("send", f"subscription-{name}", title, list(told))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tenfold exchange over Kafka",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CLOUD_EVENT,
        "servers": {
            "broker": {
                "host": "{broker}",
                "protocol": "kafka",
                "description": "The city's broker. Outside development it takes no unauthenticated connection.",
                "variables": {"broker": {"default": "localhost:9092", "description": "Bootstrap address."}},
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": reported | told, "schemas": schemas},
    }


def components() -> Json:
    """Every schema that a payload refers to, and the envelope."""
    models: list[type[BaseModel]] = [CloudEvent, *(entry.model for entry in TYPES), *(entry.model for entry in ENTRIES)]
    _, found = models_json_schema([(model, "validation") for model in models], ref_template=REFERENCE)
    definitions: Json = found["$defs"]
    own = {"CloudEvent", "Sex"}  # the envelope speaks for itself, an enumeration has no members
    return {name: each if name in own else explained(each) for name, each in definitions.items()}


def envelope(entry: EventType, schemas: Mapping[str, Any]) -> Json:
    """The CloudEvent of a type as it is reported."""
    plain: Json = schemas["CloudEvent"]
    properties = plain["properties"] | {"type": {"const": entry.type}, "data": data_of(entry)}
    return {**plain, "title": entry.type, "properties": properties}


def told_envelope(entry: EntryType) -> Json:
    """The CloudEvent of an entry as it is told."""
    properties = {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "format": "uuid",
            "description": "The entry's, the same in every epoch: a repeat is known by it, a correction acknowledged.",
        },
        "source": {"const": SOURCE},
        "type": {"const": entry.type},
        "subject": {"type": "string", "description": SUBJECT},
        "time": {"type": "string", "format": "date-time", "description": "When it was made."},
        "datacontenttype": {"const": "application/json"},
        "data": data_of(entry),
    }
    return {"type": "object", "title": entry.type, "properties": properties, "required": list(properties)}


def told_example(entry: EntryType) -> Json:
    """An entry as a CloudEvent."""
    data = dict(entry.example)
    return {
        "specversion": "1.0",
        "id": "01981d2e-7000-5c21-9d0a-5b1f0a7c4e12",
        "source": SOURCE,
        "type": entry.type,
        "subject": str(next((data[name] for name in NAMING if name in data), "k1.AbCd")),
        "time": "2026-03-01T08:00:00+00:00",
        "datacontenttype": "application/json",
        "data": data,
    }


def data_of(entry: EventType | EntryType) -> Json:
    """The reference of its data's schema."""
    return {"$ref": REFERENCE.format(model=entry.model.__name__)}


def message(entry: EventType | EntryType, payload: Json, example: Json) -> Json:
    """A message with its payload."""
    summary = " ".join((entry.model.__doc__ or "").split())
    said = (MEANINGS.types if isinstance(entry, EventType) else MEANINGS.entries)[entry.name].says
    examples = [{"name": "example", "payload": example}]
    return {
        "name": entry.type,
        "title": entry.name,
        "summary": summary,
        "description": f"{said.en} {said.zh}",
        "contentType": CLOUD_EVENT,
        "payload": payload,
        "examples": examples,
    }


def channel(address: str, title: str, messages: Sequence[str]) -> Json:
    """A topic and what stands in it."""
    references = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {"address": address, "title": title, "messages": references, "servers": [{"$ref": "#/servers/broker"}]}


def operation(action: str, of: str, title: str, messages: Sequence[str]) -> Json:
    """What the exchange does with a channel: it receives what is reported, and sends what is told."""
    references = [{"$ref": f"#/channels/{of}/messages/{name}"} for name in messages]
    return {"action": action, "title": title, "channel": {"$ref": f"#/channels/{of}"}, "messages": references}
