"""What FastAPI cannot read off the intake's raw body: the CloudEvents that POST /v1/events takes, in OpenAPI."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from shared.contracts.catalogue import TYPES
from shared.contracts.envelope import CloudEvent

REFERENCE = "#/components/schemas/{model}"


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Give an `openapi` function for the app that also describes the bodies of the intake."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            events, components = cloud_events()
            document["components"]["schemas"] |= components
            document["paths"]["/v1/events"]["post"]["requestBody"] = {
                "required": True,
                "content": {
                    "application/cloudevents+json": {"schema": events},
                    "application/cloudevents-batch+json": {
                        "schema": {"type": "array", "maxItems": 1000, "items": events}
                    },
                },
            }
            app.openapi_schema = document
        return app.openapi_schema

    return openapi


def cloud_events() -> tuple[dict[str, Any], dict[str, Any]]:
    """A schema of every CloudEvent of the catalogue, and the components it refers to."""
    models = [(model, "validation") for model in (CloudEvent, *(entry.model for entry in TYPES))]
    references, definitions = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]
    envelope = definitions["$defs"].pop("CloudEvent")
    by_type = []
    for entry in TYPES:
        properties = envelope["properties"] | {
            "type": {"const": entry.type},
            "data": references[entry.model, "validation"],
        }
        definitions["$defs"][entry.name] = envelope | {"title": entry.type, "properties": properties}
        by_type.append({"$ref": REFERENCE.format(model=entry.name)})
    return {"oneOf": by_type}, definitions["$defs"]
