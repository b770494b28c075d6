"""What a route asks of its caller is decided from the token alone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from shared.auth.caller import Caller
from shared.auth.issuer import Issuer
from shared.auth.require import caller, require
from shared.auth.tokens import Verifier
from shared.errors import install
from shared.rates import Rates


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer.open(tmp_path)


@pytest.fixture
async def client(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install(app)
    app.state.verifier = Verifier(issuer.public_jwks_path, issuer.name, "tenfold")
    app.state.rates = Rates({})

    @app.get("/anyone")
    async def anyone(who: Annotated[Caller, Depends(caller)]) -> str:
        return who.subject

    @app.get("/report")
    async def report(
        who: Annotated[Caller, Depends(require("reporter", "clerk", department=True, purpose=True))],
    ) -> str:
        return who.subject

    @app.get("/everyone")
    async def everyone(who: Annotated[Caller, Depends(require("follower", department=True, everywhere=True))]) -> str:
        return who.subject

    @app.get("/internal")
    async def internal(who: Annotated[Caller, Depends(require(service=True))]) -> str:
        return who.subject

    @app.get("/city")
    async def city(who: Annotated[Caller, Depends(require("administrator", city=True))]) -> str:
        return who.subject

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        yield http


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_caller_with_everything_asked_passes(client: httpx.AsyncClient, issuer: Issuer) -> None:
    token = issuer.issue(subject="li", department="health", roles=["clerk"], purpose="vital-registration")
    assert (await client.get("/report", headers=bearer(token))).json() == "li"
    assert (await client.get("/anyone", headers={"authorization": f"bearer  {token}"})).json() == "li"


@pytest.mark.parametrize(
    ("path", "holds", "slug"),
    [
        ("/report", {"roles": ["clerk"], "purpose": "audit"}, "department-required"),
        ("/report", {"department": "health", "roles": ["citizen"], "purpose": "audit"}, "role-required"),
        ("/report", {"department": "health", "purpose": "audit"}, "role-required"),
        ("/report", {"department": "health", "roles": ["clerk"]}, "purpose-required"),
        ("/report", {"service": "registry", "purpose": "audit"}, "department-required"),
        ("/city", {"department": "health", "roles": ["administrator"]}, "city-required"),
        ("/city", {"roles": ["clerk"]}, "role-required"),
        ("/internal", {"department": "health", "roles": ["administrator"]}, "service-required"),
        ("/everyone", {"department": "health", "roles": ["follower"], "areas": ["370102"]}, "areas-not-served"),
    ],
)
async def test_what_is_missing_is_named_in_a_403(
    client: httpx.AsyncClient, issuer: Issuer, path: str, holds: dict[str, Any], slug: str
) -> None:
    answer = await client.get(path, headers=bearer(issuer.issue(subject="li", **holds)))
    assert answer.status_code == 403
    assert answer.json()["type"] == f"/errors#{slug}"


async def test_the_roles_that_would_do_are_listed(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/report", headers=bearer(issuer.issue(subject="li", department="health")))
    assert answer.json()["required_roles"] == ["clerk", "reporter"]


async def test_who_watches_over_all_departments_acts_for_none(client: httpx.AsyncClient, issuer: Issuer) -> None:
    token = issuer.issue(subject="an", roles=["administrator"])
    assert (await client.get("/city", headers=bearer(token))).json() == "an"


async def test_a_service_passes_where_services_are_asked(client: httpx.AsyncClient, issuer: Issuer) -> None:
    assert (await client.get("/internal", headers=bearer(issuer.issue(subject="x", service="exchange")))).json() == "x"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "")],
        [("authorization", "Basic YTpi")],
        [("authorization", "Bearer")],
        [("cookie", "token=x")],
    ],
)
async def test_without_a_bearer_token_the_answer_is_401(
    client: httpx.AsyncClient, headers: list[tuple[str, str]]
) -> None:
    answer = await client.get("/anyone", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_two_authorization_headers_or_a_token_in_the_address_do_not_count(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    token = issuer.issue(subject="li")
    twice = [("authorization", f"Bearer {token}"), ("authorization", "Bearer other")]
    assert (await client.get("/anyone", headers=twice)).status_code == 401
    assert (await client.get(f"/anyone?access_token={token}")).status_code == 401


async def test_the_description_names_the_bearer_scheme(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert described["components"]["securitySchemes"]["HTTPBearer"]["bearerFormat"] == "JWT"
    assert all(call["get"]["security"] for call in described["paths"].values())


def test_a_route_cannot_ask_for_an_unknown_role() -> None:
    with pytest.raises(ValueError, match="unknown role"):
        require("emperor")
