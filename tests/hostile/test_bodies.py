"""Bodies that nobody honest sends, to every route that takes one: refused as a problem, and nothing is changed.

The routes are those of tests/routes.py. What the intake refuses in detail is told by tests/service/test_intake.py.
"""

import gzip
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.conftest import Database
from tests.hostile_world import CALLERS, ill_formed, token_of
from tests.routes import OPEN, RIGHTS, SERVICES, application, endpoints, names

BOMB = gzip.compress(b'{"reason": "' + b"a" * 8_000_000 + b'"}')
DEEP = 100_000
GOOD = b'{"reason": "x"}'
Headers = dict[str, str]
JSON = {"content-type": "application/json"}


BODIES: list[tuple[str, bytes, Headers]] = [
    ("half an object", b'{"a": ', JSON),
    ("two values", b"{}{}", JSON),
    ("a member named twice", b'{"reason": "x", "reason": "x"}', JSON),
    ("NaN", b'{"reason": NaN}', JSON),
    ("a huge number", b'{"reason": 1e999}', JSON),
    ("more digits than anyone reads", b'{"reason": ' + b"9" * 10_000 + b"}", JSON),
    ("NUL in the open", b'{"reason": "a\x00b"}', JSON),
    ("NUL in a text", b'{"reason": "a\\u0000b", "version": "\\u0000"}', JSON),
    ("a member named by half a surrogate", b'{"\\ud800": 1}', JSON),
    ("deep arrays", b"[" * DEEP + b"]" * DEEP, JSON),
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD, JSON),
    ("UTF-16", GOOD.decode().encode("utf-16"), JSON),
    ("GB 18030", '{"reason": "王"}'.encode("gb18030"), JSON),
    ("another charset", GOOD, {"content-type": "application/json; charset=gb18030"}),
    ("text", GOOD, {"content-type": "text/plain"}),
    ("no type", GOOD, {}),
    ("XML", b"<a/>", {"content-type": "application/xml"}),
    ("other JSON", GOOD, {"content-type": "application/merge-patch+json"}),
    ("a form", b"reason=x", {"content-type": "application/x-www-form-urlencoded"}),
    ("a gzip bomb", BOMB, JSON | {"content-encoding": "gzip"}),
    ("said to be brotli", b"\x1b\xff\xff" * 100, JSON | {"content-encoding": "br"}),
    ("gzip that says nothing of it", gzip.compress(GOOD), JSON),
]
TOO_LARGE = ("too large", b" " * (9 * 1024 * 1024 + 1) + GOOD, JSON)  # for one route of each service
NO_BUSINESS_OF_THEIRS = ("half an object", "UTF-16", "text", "a gzip bomb", "deep arrays")


def takes_a_body(route: APIRoute) -> bool:
    """Whether the contract or the route itself says so."""
    return route.body_field is not None or "requestBody" in (route.openapi_extra or {}) or route.path == "/v1/events"


def bodied(service: str, settings: Settings) -> list[str]:
    """Every route with a body that asks for a caller, as `tests/routes.py` names it."""
    found = [name for route in endpoints(application(service, settings).routes) if takes_a_body(route)
             for name in names(route)]  # fmt: skip
    return sorted(set(found) - set(OPEN))


async def contents(url: str) -> dict[str, int]:
    """Rows of every table."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for (name,) in tables}
    finally:
        await connection.close()


def address(name: str) -> tuple[str, str]:
    """Method and path, about something that is not there."""
    method, _, path = name.partition(" ")
    for parameter, value in {"{name}": "first", "{identifier}": "housing-public-rental"}.items():
        path = path.replace(parameter, value)
    while "{" in path:
        path = path.partition("{")[0] + "6ba7b810-9dad-11d1-80b4-00c04fd430c8" + path.partition("}")[2]
    return method, path + ("?from=2026-02-01&to=2026-02-28" if path == "/v1/reconciliations" else "")


@pytest.fixture
async def settings(service: str, database: Database, issuer: Issuer, tmp_path: Path) -> Settings:
    """Settings of the service that the test's parameter `service` names."""
    keys: Any = import_module(f"services.{service}.keys")
    KeyRing.create(tmp_path / "keys", [*keys.OWN_KEYS, *keys.SHARED_KEYS])
    return Settings(
        database_url=await database(service),
        keys_file=tmp_path / "keys",
        jwks_file=issuer.public_jwks_path,
        requests_per_second=0,
    )


@pytest.fixture
async def app(service: str, settings: Settings) -> AsyncIterator[FastAPI]:
    """The service, running."""
    app = application(service, settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a network."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        yield client


@pytest.mark.parametrize("service", SERVICES)
async def test_no_body_that_is_not_as_agreed_is_taken_by_any_route(
    service: str, http: httpx.AsyncClient, settings: Settings, issuer: Issuer
) -> None:
    before = await contents(settings.database_url)
    routes = bodied(service, settings)
    assert routes
    taken = []
    for number, name in enumerate(routes):
        who = next(each for each in CALLERS if RIGHTS[service][name].may(each))
        caller = {"authorization": f"Bearer {token_of(issuer, who)}"}
        method, path = address(name)
        for what, body, headers in [*BODIES, TOO_LARGE] if number == 0 else BODIES:
            answer = await http.request(method, path, content=body, headers=caller | headers)
            page = RIGHTS[service][name].page and answer.headers["content-type"] == "text/html; charset=utf-8"
            if not 400 <= answer.status_code < 500 or (not page and ill_formed(answer)):
                taken.append((name, what, answer.status_code, answer.text[:200]))
    assert not taken, taken
    assert await contents(settings.database_url) == before


@pytest.mark.parametrize("service", SERVICES)
async def test_who_may_not_call_learns_nothing_of_the_body_and_changes_nothing(
    service: str, http: httpx.AsyncClient, settings: Settings, issuer: Issuer
) -> None:
    before = await contents(settings.database_url)
    sent = [(what, body, headers) for what, body, headers in BODIES if what in NO_BUSINESS_OF_THEIRS]
    assert len(sent) == len(NO_BUSINESS_OF_THEIRS)
    for name in bodied(service, settings):
        right = RIGHTS[service][name]
        first, *others = [each for each in CALLERS if not right.may(each)]
        method, path = address(name)
        asked = [({}, 401, sent), ({"authorization": f"Bearer {token_of(issuer, first)}"}, 403, sent)]
        asked += [({"authorization": f"Bearer {token_of(issuer, each)}"}, 403, sent[:1]) for each in others]
        for caller, status, bodies in asked:
            told = set()
            for what, body, headers in [*bodies, ("an object", GOOD, JSON)]:
                answer = await http.request(method, path, content=body, headers=caller | headers)
                assert answer.status_code == (303 if right.page and status == 401 else status), (name, what)
                told.add(answer.text)
            assert len(told) == 1, (name, told)
    assert await contents(settings.database_url) == before
