"""The OpenAPI documents of the three services are valid by the official rules.

Why: clients are generated from them, and the offline pages are drawn from them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from shared.auth.issuer import Issuer
from shared.contracts.catalogue import TYPES
from shared.settings import Settings
from tests.routes import SERVICES, application

Json = dict[str, Any]


def document_of(service: str, folder: Path) -> Json:
    """The document as the service gives it."""
    settings = Settings(
        database_url="postgresql://nowhere/x",
        keys_file=folder / "keys",
        jwks_file=Issuer.open(folder).public_jwks_path,
    )
    return application(service, settings).openapi()


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Every call by its method and address, ours to others too."""
    for path, methods in (document["paths"] | document.get("webhooks", {})).items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


@pytest.mark.parametrize("service", SERVICES)
def test_the_openapi_document_is_valid(service: str, tmp_path: Path) -> None:
    document = document_of(service, tmp_path)
    validate(document)
    assert document["openapi"].startswith("3.1")
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Refused"}
    assert "HTTPValidationError" not in str(document), "no refusal here looks like the framework's"
    assert all(operation.get("summary") for path in document["paths"].values() for operation in path.values())


def test_every_answer_of_the_exchange_has_a_schema_and_every_example_keeps_its(tmp_path: Path) -> None:
    document = document_of("exchange", tmp_path)
    examples = 0
    for call, operation in operations(document):
        bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for name, body in bodies.items():
            for kind, content in body.get("content", {}).items():
                assert content.get("schema"), (call, name, kind)
                schema = jsonschema_rs.Draft202012Validator({**content["schema"], "components": document["components"]})
                for example in content.get("examples", {}).values():
                    schema.validate(example["value"])
                    assert not schema.is_valid({}), call
                    examples += 1
    assert examples > len(TYPES)
