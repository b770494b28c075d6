"""Whatever is wrong with an address or a form: a page says so in the reader's language, and leads back."""

import re
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.conftest import Database
from tests.hostile_world import CALLERS, token_of
from tests.routes import OPEN, RIGHTS, SERVICES, application, endpoints, names

ID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
WRONG = ("", " ", "nonsense", "a" * 3_000, "\x00", "2026-02-30", "1:-1", "', --", "ⅷ", "-1")
FORMS = (
    ("a field that is none", b"=&&==&%zz=%ff", "application/x-www-form-urlencoded"),
    ("too many fields", b"&".join(b"a%d=1" % number for number in range(2_000)), "application/x-www-form-urlencoded"),
    ("half a part", b'--x\r\nContent-Disposition: form-data; name="a"', "multipart/form-data; boundary=x"),
    ("no boundary", b"a=1", "multipart/form-data"),
    ("a file", b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n1\r\n--x--\r\n',
     "multipart/form-data; boundary=x"),
    ("JSON", b'{"a": 1}', "application/json"),
)  # fmt: skip
TOO_LARGE = ("too large", b"a=" + b"b" * (9 * 1024 * 1024 + 1), "application/x-www-form-urlencoded")  # for one page


class Links(HTMLParser):
    """The language of a page, and where its main part leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language, self.inside, self.to = "", False, list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "html":
            self.language = told.get("lang") or ""
        self.inside = self.inside or tag == "main"
        if tag == "a" and self.inside:
            self.to.append(told.get("href") or "")


def pages(app: FastAPI, service: str) -> list[tuple[str, APIRoute]]:
    """Every page route, by the name it has in the table of rights; the forms of the login too."""
    found = [(name, route) for route in endpoints(app.routes) for name in names(route)]
    rights = RIGHTS[service]
    return [(name, at) for name, at in found if (rights[name].page if name in rights else name.endswith("/login"))]


def asked(dependant: Dependant) -> Iterator[str]:
    """The names of the queries that a route reads."""
    yield from (each.alias for each in dependant.query_params)
    for each in dependant.dependencies:
        yield from asked(each)


def filled(path: str, value: str = ID) -> str:
    """The address, about something that is not there."""
    return re.sub(r"\{\w+\}", value, path)


@pytest.fixture
async def refusing_app(service: str, database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The service that the test's parameter `service` names, running."""
    keys: Any = import_module(f"services.{service}.keys")
    KeyRing.create(tmp_path / "keys", [*keys.OWN_KEYS, *keys.SHARED_KEYS])
    settings = Settings(
        database_url=await database(service),
        keys_file=tmp_path / "keys",
        jwks_file=issuer.public_jwks_path,
        requests_per_second=0,
    )
    app = application(service, settings)
    async with app.router.lifespan_context(app):
        yield app


class Reader:
    """Whoever may read a page, in one language or the other by turns."""

    def __init__(self, service: str, http: httpx.AsyncClient, issuer: Issuer) -> None:
        self.service, self.http, self.issuer = service, http, issuer
        self.turns, self.refused, self.wrong = 0, list[int](), list[object]()

    async def ask(self, name: str, path: str, method: str | None = None, **more: Any) -> httpx.Response:
        """One request; what is refused by anything but a page with a way back is noted."""
        self.turns += 1
        language = "zh-CN" if self.turns % 2 else "en"
        headers = {"accept-language": language, "accept": "text/html"} | more.pop("headers", {})
        if name not in OPEN:
            who = next(each for each in CALLERS if RIGHTS[self.service][name].may(each))
            headers["authorization"] = f"Bearer {token_of(self.issuer, who)}"
        answer = await self.http.request(method or name.partition(" ")[0], path, headers=headers, **more)
        if answer.status_code >= 400:
            page = Links(answer.text)
            self.refused.append(answer.status_code)
            if (
                answer.status_code >= 500
                or answer.headers["content-type"] != "text/html; charset=utf-8"
                or page.language != language
                or (not page.to and "<form" not in answer.text)
            ):
                self.wrong.append((name, path, answer.status_code, answer.headers["content-type"], answer.text[:150]))
        return answer


@pytest.fixture
async def reader(service: str, refusing_app: FastAPI, issuer: Issuer) -> AsyncIterator[Reader]:
    """A reader without a network."""
    transport = httpx.ASGITransport(refusing_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        yield Reader(service, http, issuer)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_query_that_cannot_be_read_is_answered_by_a_page(
    service: str, refusing_app: FastAPI, reader: Reader
) -> None:
    queried = 0
    for name, route in pages(refusing_app, service):
        for query in dict.fromkeys(asked(route.dependant)):
            queried += 1
            for value in WRONG if "{" not in route.path else WRONG[:4]:
                await reader.ask(name, filled(route.path), params={query: value})
    assert not reader.wrong, reader.wrong
    assert queried >= 5
    assert reader.refused.count(422) >= 10


@pytest.mark.parametrize("service", SERVICES)
async def test_an_address_of_nothing_or_by_another_method_is_answered_by_a_page(
    service: str, refusing_app: FastAPI, reader: Reader
) -> None:
    for name, route in pages(refusing_app, service):
        if "{" in route.path:
            for value in ("nonsense", "%00", "a" * 300, ID.upper() + "0"):
                answer = await reader.ask(name, filled(route.path, value))
                assert answer.status_code in (200, 303, 403, 404, 422), (name, value)
        assert (await reader.ask(name, filled(route.path), "PATCH")).status_code == 405, name
    assert not reader.wrong, reader.wrong


@pytest.mark.parametrize("service", SERVICES)
async def test_a_form_that_cannot_be_read_is_answered_by_a_page(
    service: str, refusing_app: FastAPI, reader: Reader
) -> None:
    for name, route in pages(refusing_app, service):
        if name.startswith("POST"):
            for _, content, kind in FORMS if reader.turns else [*FORMS, TOO_LARGE]:
                headers = {"content-type": kind, "origin": "http://service"}
                await reader.ask(name, filled(route.path), content=content, headers=headers)
    assert not reader.wrong, reader.wrong


WORDS = [("zh-CN", "无法识别此地址", "重新打开本页"), ("en", "This address cannot be read", "Open this page anew")]


@pytest.mark.parametrize("service", ["alerts"])
@pytest.mark.parametrize(("language", "title", "anew"), WORDS)
async def test_it_says_what_is_wrong_and_leads_to_the_page_without_it(
    service: str, reader: Reader, language: str, title: str, anew: str
) -> None:
    headers = {"accept-language": language}
    for query in ("after=nonsense", "needs=everybody"):
        reader.turns = 0 if language == "zh-CN" else 1
        answer = await reader.ask("GET /episodes", f"/episodes?{query}", headers=headers)
        assert answer.status_code == 422
        assert f"<h1>{title}</h1>" in answer.text
        assert f'<a href="/episodes">{anew}</a>' in answer.text
        assert Links(answer.text).to == ["/episodes", "/"]
        assert query.partition("=")[2] not in answer.text


@pytest.mark.parametrize("service", ["alerts"])
async def test_a_page_that_answers_a_form_changes_language_on_the_page_with_the_form(reader: Reader) -> None:
    answer = await reader.ask(
        "POST /me/login", "/me/login", data={"code": "x" * 200},
        headers={"origin": "http://service", "referer": "http://service/me/login?ended=true"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert '<a href="/me/login?lang=en"' in answer.text
    assert Links(answer.text).to == ["/me/login", "/me"]
    for elsewhere in ("http://other/x", "http://service//other/x", "http://service/\\other/x", "nonsense", "http://["):
        headers = {"origin": "http://service", "referer": elsewhere}
        answer = await reader.ask("POST /me/login", "/me/login", data={"code": "x" * 200}, headers=headers)
        assert '<a href="/?lang=en"' in answer.text


@pytest.mark.parametrize("service", ["registry"])
async def test_a_page_whose_database_is_away_says_so(service: str, refusing_app: FastAPI, reader: Reader) -> None:
    pool: asyncpg.Pool = refusing_app.state.service.pool
    await pool.close()
    reader.turns = 1
    answer = await reader.ask("GET /reviews", "/reviews")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "<h1>Not available just now</h1>" in answer.text
