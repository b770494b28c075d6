"""What FastAPI says wrongly of every service: how it refuses. Its own 422 is never answered here; problems are."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

from shared.contracts.entries import Problem

Json = dict[str, Any]
UNTRUE: Final = ("HTTPValidationError", "ValidationError")
REFUSED: Final[Json] = {
    "description": "A problem (RFC 9457) in the language of Accept-Language. `type` leads to its place at /errors, with"
    " what helps; 422 names each fault by JSON pointer. 429 and 503 carry Retry-After; 401, WWW-Authenticate.",
    "headers": {
        "Retry-After": {"description": "Seconds to wait before the same is sent again.", "schema": {"type": "integer"}}
    },
    "content": {
        "application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": {
                "invalid": {
                    "value": {
                        "type": "/errors#invalid",
                        "title": "The request breaks the contract",
                        "status": 422,
                        "detail": "Each entry of `faults` names one place and what is wrong there.",
                        "faults": [{"pointer": "/data/effective_on", "message": "must be a date, YYYY-MM-DD"}],
                    }
                }
            },
        }
    },
}


def documented(app: FastAPI, more: Callable[[Json], Json]) -> Callable[[], Json]:
    """Give an `openapi` function for the app: what it says by itself, completed by `more`, once."""
    plain = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = more(plain())
        return app.openapi_schema

    return openapi


def refusing(app: FastAPI) -> Callable[[], Json]:
    """Give an `openapi` function for the app that says of every call how it refuses."""
    return documented(app, told)


def told(document: Json) -> Json:
    """The document with one answer for every refusal, in place of the framework's."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in UNTRUE:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    components["responses"] = {"Refused": REFUSED}
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            if "HTTPValidationError" in str(answers.get("422")):
                del answers["422"]
            answers["default"] = {"$ref": "#/components/responses/Refused"}
    return document
