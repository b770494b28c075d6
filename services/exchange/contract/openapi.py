"""What FastAPI cannot read off the exchange: how to begin, the CloudEvents that the intake takes, pages of feeds."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from services.exchange.contract.answers import STREAM, accepted, answers, json_of, page_example
from services.exchange.contract.called import webhooks
from services.exchange.contract.guide import markdown
from services.exchange.contract.meanings import explained
from shared.contracts.catalogue import TYPES
from shared.contracts.envelope import CloudEvent
from shared.contracts.examples import example_of
from shared.openapi import documented

REFERENCE = "#/components/schemas/{model}"
Json = dict[str, Any]


def described(app: FastAPI) -> Callable[[], Json]:
    """Give an `openapi` function for the app that also describes what is sent and answered as bytes."""
    return documented(app, told)


def told(document: Json) -> Json:
    """The document with the guide, the intake's bodies and the feeds' pages."""
    events, components = cloud_events()
    document["info"]["description"] += "\n\n" + markdown()
    document["components"]["schemas"] |= components | answers()
    paths = document["paths"]
    paths["/v1/events"]["post"]["requestBody"] = reported(events)
    paths["/v1/events"]["post"]["responses"] |= {
        "202": accepted("Accepted: new. For a batch `results`, one for each event."),
        "200": accepted("Accepted before: the same receipt. Or a dry run."),
    }
    page = json_of("FeedPage", "A page, which may be empty: go on with `next_after`.", page=page_example())
    for path in ("/v1/feed", "/v1/subscriptions/{name}/feed"):
        paths[path]["get"]["responses"]["200"] = page
    internal = {"content": {"application/json": {"schema": {"type": "object"}}}}
    paths["/v1/feeds/{feed}"]["get"]["responses"]["200"] |= internal
    for path in ("/v1/feed/stream", "/v1/subscriptions/{name}/stream"):
        paths[path]["get"]["responses"]["200"] = STREAM
    document["webhooks"] = webhooks()
    return document


def reported(events: Json) -> Json:
    """The body of the intake, with an example of every type."""
    examples = {entry.name: {"summary": entry.type, "value": example_of(entry)} for entry in TYPES}
    two = [example_of(entry) for entry in TYPES if entry.name.startswith("enrolment.")]
    return {
        "required": True,
        "description": "One CloudEvent (structured mode), or a batch. Binary mode: Content-Type application/json, the"
        " attributes as `ce-` headers (ce-specversion, ce-id, …; percent-encoded UTF-8), the body is `data` alone."
        " 256 KiB an event, 8 MiB a request, not compressed.",
        "content": {
            "application/cloudevents+json": {"schema": events, "examples": examples},
            "application/cloudevents-batch+json": {
                "schema": {"type": "array", "maxItems": 1000, "items": events},
                "examples": {"batch": {"value": two}},
            },
        },
    }


def cloud_events() -> tuple[Json, Json]:
    """A schema of every CloudEvent of the catalogue, and the components it refers to."""
    models = [(model, "validation") for model in (CloudEvent, *(entry.model for entry in TYPES))]
    references, definitions = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]
    found = definitions["$defs"]
    envelope = found.pop("CloudEvent")
    components = {name: explained(each) for name, each in found.items()}
    by_type = []
    for entry in TYPES:
        properties = envelope["properties"] | {
            "type": {"const": entry.type},
            "data": references[entry.model, "validation"],
        }
        components[entry.name] = envelope | {"title": entry.type, "properties": properties}
        by_type.append({"$ref": REFERENCE.format(model=entry.name)})
    return {"oneOf": by_type}, components
