"""Every route requires a caller, and gives each role exactly its rights.

Why: a route without a caller is a hole that no review sees. A new route is refused here until
`tests/routes.py` says who may call it.
"""

import re
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from inspect import iscoroutinefunction
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.security.base import SecurityBase

from shared.auth.caller import DEPARTMENTS, ROLES, Caller
from shared.auth.caller import SERVICES as PLATFORM
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.conftest import Database
from tests.routes import OPEN, RIGHTS, SERVICES, Right, application, asks_for_a_caller, endpoints, names

FACILITY = "H370102011"
PLACES = {"feed": "changes", "reference": "k1.AAAA"}
ANY = str(UUID(int=7))
SOME_DEPARTMENTS = (None, "health", "statistics")


@pytest.fixture
def described(tmp_path: Path) -> Settings:
    """Settings that suffice to build an application and look at it."""
    return Settings(database_url="postgresql://nowhere/x", keys_file=tmp_path / "keys", jwks_file=tmp_path / "jwks")


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_requires_a_caller_but_for_a_short_list_with_reasons(service: str, described: Settings) -> None:
    routes = list(endpoints(application(service, described).routes))
    assert routes
    for route in routes:
        for name in names(route):
            assert asks_for_a_caller(route.dependant) != (name in OPEN), name


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_of_rights_names_every_route_and_no_other(service: str, described: Settings) -> None:
    found = [name for route in endpoints(application(service, described).routes) for name in names(route)]
    assert len(set(found)) == len(found)
    assert set(found) - set(OPEN) == set(RIGHTS[service])


def asked(dependant: Dependant) -> Iterator[Any]:
    """Everything that is called before the route runs."""
    for each in dependant.dependencies:
        yield each.call
        yield from asked(each)


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_that_routes_depend_on_waits_for_another_thread(service: str, described: Settings) -> None:
    """The framework calls a plain function in a thread of its pool, and under load a thread waits for its turn."""
    for route in endpoints(application(service, described).routes):
        for call in asked(route.dependant):
            assert iscoroutinefunction(call) or isinstance(call, SecurityBase), (names(route), call)


def test_a_route_that_the_table_does_not_name_is_refused(described: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for taken in ("GET /v1/feed", "POST /v1/agreements"):
        with monkeypatch.context() as without:
            without.delitem(RIGHTS["exchange"], taken)
            with pytest.raises(AssertionError, match=taken):
                test_the_table_of_rights_names_every_route_and_no_other("exchange", described)
    with monkeypatch.context() as without:
        without.delitem(OPEN, "GET /healthz")
        with pytest.raises(AssertionError, match="GET /healthz"):
            test_every_route_requires_a_caller_but_for_a_short_list_with_reasons("exchange", described)


def callers() -> Iterator[Caller]:
    """Every role alone, for some departments or none, with and without a purpose; every service; nobody special."""
    for department, purpose in product(SOME_DEPARTMENTS, (None, "care")):
        for role in sorted(ROLES - {"service"}):
            facility = FACILITY if purpose == "care" else None
            yield Caller("someone", department, None, frozenset({role}), purpose, frozenset(), facility)
        yield Caller("someone", department, None, frozenset(), purpose)
        both = frozenset({"care-worker", "supervisor"})
        yield Caller("doctor", department, None, both, purpose, frozenset(), FACILITY if purpose else None)
    for service in sorted(PLATFORM):
        yield Caller("a-service", None, service, frozenset({"service"}))
    for department in sorted(DEPARTMENTS):
        yield Caller("all", department, None, ROLES - {"service", "care-worker", "supervisor", "administrator"})
        some = ROLES - {"service", "citizen", "care-worker", "supervisor", "administrator", "protection-officer"}
        yield Caller("of-one-area", department, None, some, areas=frozenset({"370102"}))


def headers_of(issuer: Issuer, who: Caller) -> dict[str, str]:
    token = issuer.issue(
        subject=who.subject,
        department=who.department,
        service=who.service,
        roles=who.roles,
        purpose=who.purpose,
        areas=who.areas,
        facility=who.facility,
    )
    return {"authorization": f"Bearer {token}"}


async def call(http: httpx.AsyncClient, name: str, headers: dict[str, str]) -> httpx.Response:
    method, _, path = name.partition(" ")
    path = re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], ANY), path)
    return await http.request(method, path, headers=headers)


@pytest.fixture
async def http(request: pytest.FixtureRequest, database: Database, issuer: Issuer, tmp_path: Path) -> Any:
    """The service that the test's parameter `service` names, running, without a network."""
    service: str = request.getfixturevalue("service")
    keys: Any = import_module(f"services.{service}.keys")
    KeyRing.create(tmp_path / "keys", [*keys.OWN_KEYS, *keys.SHARED_KEYS])
    url = await database(service)
    settings = Settings(database_url=url, keys_file=tmp_path / "keys", jwks_file=issuer.public_jwks_path)
    app = application(service, settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield client


@pytest.mark.parametrize("service", SERVICES)
async def test_each_role_has_exactly_its_rights(service: str, http: httpx.AsyncClient, issuer: Issuer) -> None:
    everyone = [(who, headers_of(issuer, who)) for who in callers()]
    for name, right in RIGHTS[service].items():
        for nobody in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic x"}):
            answer = await call(http, name, nobody)
            if right.page:
                assert (answer.status_code, answer.headers["location"]) == (303, right.login), name
            else:
                assert (answer.status_code, answer.json()["type"]) == (401, "/errors#unauthenticated"), name
        for who, headers in everyone:
            await is_treated_as_entitled(http, name, right, who, headers)


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_makes_a_service_hold_an_endless_body(service: str, http: httpx.AsyncClient) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        for chunk in [b" " * 65_536] * 1000:  # 64 MB, were they taken
            given += 1
            yield chunk

    for name in [*RIGHTS[service], *OPEN]:
        method, _, path = name.partition(" ")
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            given = 0
            answer = await http.request(
                method, path.replace("{", "").replace("}", ""), content=endless(), headers={"content-type": kind}
            )
            assert answer.status_code < 500, name
            assert given < 200, name


async def is_treated_as_entitled(
    http: httpx.AsyncClient, name: str, right: Right, who: Caller, headers: dict[str, str]
) -> None:
    if not right.may(who):
        answer = await call(http, name, headers)
        assert answer.status_code == 403, (name, who, answer.status_code)
    elif not right.endless:
        answer = await call(http, name, headers)
        assert answer.status_code < 500, (name, who, answer.text)
        assert answer.status_code not in (401, 405), (name, who)
        assert right.more or answer.status_code != 403, (name, who, answer.text)
