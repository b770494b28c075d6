"""Logging in at an OIDC issuer: whatever is not the answer to what this browser asked lets nobody in."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from shared import clock
from shared.sessions.handlers import SESSION_LIVES
from shared.settings import Settings
from tests.exchange_world import Exchange
from tests.issuer_world import OutsideIssuer, known_outside

pytest_plugins = ["tests.exchange"]

STAFF = {"subject": "li.na", "department": "education", "roles": ["follower"]}
STARTED = "tenfold_exchange_login"


def browsing(cookies: dict[str, str] | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(headers={"accept-language": "en"}, cookies=cookies)


async def shown(outside: OutsideIssuer, browser: httpx.AsyncClient, here: str) -> str:
    """Begin, and show who one is; the address to which the issuer leads back."""
    answer = await browser.get(f"{here}/login/start")
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}" == outside.url
    asked = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert asked["redirect_uri"] == f"{here}/login/return"
    assert asked.keys() == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"
    }  # fmt: skip
    return outside.approve(asked)


async def signed_in(browser: httpx.AsyncClient, here: str) -> bool:
    return (await browser.get(f"{here}/department")).status_code == 200


async def test_the_session_says_what_the_token_says_and_a_code_counts_once(exchange: Exchange) -> None:
    async with known_outside(exchange) as (outside, here), browsing() as browser:
        outside.claims = STAFF
        back = await shown(outside, browser, here)
        kept = browser.cookies[STARTED]
        answer = await browser.get(back)
        assert answer.status_code == 200
        assert 'content="0; url=/"' in answer.text
        assert STARTED not in browser.cookies
        assert await signed_in(browser, here)
        row = await exchange.service.pool.fetchrow("SELECT subject, department, roles, areas FROM login_session")
        assert dict(row or {}) == {"subject": "li.na", "department": "education", "roles": ["follower"], "areas": []}

    async with browsing({STARTED: kept}) as again, known_outside(exchange) as (outside, here):
        answer = await again.get(f"{here}/login/return?{urlsplit(back).query}")
        assert answer.status_code == 403
        assert not await signed_in(again, here)


@pytest.mark.parametrize("wrong", ["no cookie", "another browser's", "another issuer's", "no code", "an error"])
async def test_an_answer_to_somebody_else_lets_nobody_in(exchange: Exchange, wrong: str) -> None:
    async with (
        known_outside(exchange) as (outside, here),
        browsing() as browser,
        browsing() as other,
    ):
        outside.claims = STAFF
        outside.refuses = wrong == "an error"
        back = await shown(outside, browser, here)
        await shown(outside, other, here)
        who = {"no cookie": browsing(), "another browser's": other}.get(wrong, browser)
        if wrong == "another issuer's":
            back = f"{back[: back.index('&iss=')]}&iss=https%3A%2F%2Felsewhere.example"
        if wrong == "no code":
            back = f"{here}/login/return?{back[back.index('state=') :]}"
        answer = await who.get(back)
        assert answer.status_code == 403
        assert "did not let you in" in answer.text
        assert not await signed_in(who, here)
        await who.aclose()
        assert await exchange.service.pool.fetchval("SELECT count(*) FROM login_session") == 0


@pytest.mark.parametrize(
    "claims",
    [STAFF | {"audience": "elsewhere"}, {"subject": "registry", "service": "registry"}],
    ids=["aud", "service"],
)
async def test_a_token_that_is_not_for_a_person_here_lets_nobody_in(
    exchange: Exchange, claims: dict[str, object]
) -> None:
    async with known_outside(exchange) as (outside, here), browsing() as browser:
        outside.claims = claims
        answer = await browser.get(await shown(outside, browser, here))
        assert answer.status_code == 403
        assert not await signed_in(browser, here)


async def test_an_issuer_that_is_away_or_calls_itself_otherwise_is_said_to_be(exchange: Exchange) -> None:
    async with known_outside(exchange) as (outside, here), browsing() as browser:
        outside.claims = STAFF
        back = await shown(outside, browser, here)
        outside.url = "http://somebody.else"
        for address in (f"{here}/login/start", back):
            answer = await browser.get(address)
            assert answer.status_code == 503
            assert "does not answer now" in answer.text
        assert await exchange.service.pool.fetchval("SELECT count(*) FROM login_session") == 0


async def test_in_production_nothing_is_sent_in_the_open_and_a_session_is_as_old_as_its_token(
    exchange: Exchange,
) -> None:
    async with known_outside(exchange) as (outside, here), browsing() as browser:
        outside.claims = STAFF
        assert (await browser.get(await shown(outside, browser, here))).status_code == 200
        ends = await exchange.service.pool.fetchval("SELECT expires_at FROM login_session")
        assert ends < clock.now() + SESSION_LIVES - timedelta(seconds=25), "as its issuer's clock may say"
        assert (await browser.get(await shown(outside, browser, here))).status_code == 200
        assert await exchange.service.pool.fetchval("SELECT count(*) FROM login_session") == 1, "the first one is over"

        back = await shown(outside, browser, here)
        service = exchange.service
        service.settings = service.settings.model_copy(update={"environment": "production"})
        answer = await browser.get(back)
        assert answer.status_code == 503
        assert outside.codes, "the code was not sent"


async def test_without_an_issuer_there_are_codes_and_in_production_never_both(exchange: Exchange) -> None:
    assert (await exchange.http.get("/login/start")).status_code == 404
    assert (await exchange.http.get("/login/return?code=1&state=2")).status_code == 404
    assert 'name="code"' in (await exchange.http.get("/login")).text
    async with known_outside(exchange):
        service = exchange.service
        service.settings = service.settings.model_copy(update={"environment": "production"})
        page = (await exchange.http.get("/login")).text
        assert 'name="code"' not in page
        assert 'href="/login/start"' in page


@pytest.mark.parametrize(
    "told",
    [
        {"oidc_redirect": "https://here.example/elsewhere"},
        {"oidc_redirect": "http://here.example/login/return"},
        {"token_issuer": "http://issuer.example"},
    ],
    ids=["not the return", "in the open", "issuer in the open"],
)
def test_a_service_does_not_start_with_a_login_through_the_open(exchange: Exchange, told: dict[str, str]) -> None:
    safe = {
        "environment": "production",
        "oidc_client": "x",
        "oidc_redirect": "https://here.example/login/return",
        "token_issuer": "https://issuer.example",
    }
    known = exchange.settings.model_dump()
    assert Settings(**known | safe).oidc_client == "x"
    with pytest.raises(ValidationError):
        Settings(**known | safe | told)
