"""The OpenAPI documents of the three services are valid by the official rules.

Why: clients are generated from them, and the offline pages are drawn from them.
"""

from pathlib import Path

import pytest
from openapi_spec_validator import validate

from shared.auth.issuer import Issuer
from shared.settings import Settings
from tests.routes import SERVICES, application


@pytest.mark.parametrize("service", SERVICES)
def test_the_openapi_document_is_valid(service: str, tmp_path: Path) -> None:
    settings = Settings(
        database_url="postgresql://nowhere/x",
        keys_file=tmp_path / "keys",
        jwks_file=Issuer.open(tmp_path).public_jwks_path,
    )
    document = application(service, settings).openapi()
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert all(operation.get("summary") for path in document["paths"].values() for operation in path.values())
