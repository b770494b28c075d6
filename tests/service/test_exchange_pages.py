"""Logging in to the exchange, and what its pages refuse."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.exchange.app import create_app
from shared import clock
from tests.exchange_world import Exchange
from tests.pages_world import settled, staff

pytest_plugins = ["tests.exchange"]

OWN = {"origin": "http://exchange"}
NOON = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
SECURITY, HEALTH = "public-security", "health"
PAGES = ("/department", "/department/receipts", "/department/feed", "/department/cases", "/department/agreements")


async def signed_in(exchange: Exchange, department: str = SECURITY, *roles: str) -> None:
    """Give the client a session."""
    answer = await exchange.http.post("/login", data={"code": await staff(exchange, department, *roles)}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text


async def mint(exchange: Exchange, wanted: dict[str, Any], **who: Any) -> httpx.Response:
    headers = exchange.headers(None, **({"roles": ["administrator"]} | who))
    return await exchange.http.post("/v1/login-codes", json={"subject": "x"} | wanted, headers=headers)


async def held(exchange: Exchange) -> str:
    """A receipt of public security that waits for its clerk."""
    answer = await exchange.post(settled(1))
    receipt: str = answer.json()["receipt"]
    await exchange.service.pool.execute(
        "INSERT INTO outcome (receipt, department, status, reason, decider, due, settled_at)"
        " VALUES ($1, $2, 'held', 'identity-ambiguous', 'registry clerk', '2026-01-01', now())",
        receipt,
        SECURITY,
    )
    return receipt


async def test_a_code_lets_in_once_under_a_cookie_of_this_service(exchange: Exchange) -> None:
    code = await staff(exchange, SECURITY)
    first = await exchange.http.post("/login", data={"code": code}, headers=OWN)
    assert first.headers["set-cookie"].startswith("tenfold_exchange=")
    assert {"httponly", "samesite=strict"} <= {each.strip().lower() for each in first.headers["set-cookie"].split(";")}
    exchange.http.cookies.clear()
    assert (await exchange.http.post("/login", data={"code": code}, headers=OWN)).status_code == 403


async def test_a_session_is_the_caller_that_a_token_would_be(exchange: Exchange) -> None:
    wanted = {
        "department": HEALTH,
        "roles": ["clerk", "reviewer"],
        "purpose": "vital-registration",
        "areas": ["370102"],
        "facility": "H1",
    }
    code = (await mint(exchange, wanted)).json()["code"]
    sessions = exchange.app.state.sessions
    found = await sessions.caller(await sessions.log_in(code, "somewhere"))
    assert found is not None
    assert (found.department, found.roles, found.purpose) == (HEALTH, {"clerk", "reviewer"}, "vital-registration")
    assert (found.areas, found.facility, found.subject, found.service) == ({"370102"}, "H1", "x", None)


async def test_everyone_is_led_to_the_page_that_is_theirs(exchange: Exchange) -> None:
    assert (await exchange.http.get("/")).headers["location"] == "/department"
    for path in (*PAGES, "/overview"):
        answer = await exchange.http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    await signed_in(exchange)
    assert (await exchange.http.get("/")).headers["location"] == "/department"
    code = (await mint(exchange, {"roles": ["administrator"]})).json()["code"]
    await exchange.http.post("/login", data={"code": code}, headers=OWN)
    assert (await exchange.http.get("/")).headers["location"] == "/overview"


async def test_a_session_opens_pages_only(exchange: Exchange) -> None:
    """Programs show tokens: no page of another site can make a browser call the API."""
    await signed_in(exchange)
    for path in PAGES:
        assert (await exchange.http.get(path)).status_code == 200, path
    assert (await exchange.http.get("/v1/receipts")).status_code == 401
    assert (await exchange.post(settled(2), authorization="")).status_code == 401


async def test_a_session_ends_after_eight_hours_and_when_signing_out(exchange: Exchange) -> None:
    with clock.frozen(NOON):
        await signed_in(exchange)
        assert (await exchange.http.get("/department")).status_code == 200
    with clock.frozen(NOON + timedelta(hours=8)):
        assert (await exchange.http.get("/department")).headers["location"] == "/login?ended=true"
    await signed_in(exchange)
    kept = "; ".join(f"{name}={value}" for name, value in exchange.http.cookies.items())
    await exchange.http.post("/logout", headers=OWN)
    exchange.http.cookies.clear()
    assert (await exchange.http.get("/department", headers={"cookie": kept})).headers["location"] == "/login?ended=true"


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://exchange:8103"}, {"origin": "http://evil.example"}, {"sec-fetch-site": "same-site", **OWN}],
    ids=["unsaid", "another port", "another site", "another port, said by the browser"],
)
async def test_forms_of_other_sites_are_refused(exchange: Exchange, headers: dict[str, str]) -> None:
    receipt = await held(exchange)
    await signed_in(exchange)
    for path in (f"/department/receipts/{receipt}/retry", "/login", "/logout"):
        assert (await exchange.http.post(path, headers=headers)).status_code == 403, path
    assert await exchange.service.pool.fetchval("SELECT retried_at FROM outcome") is None
    assert (await exchange.http.get("/department")).status_code == 200


async def test_another_departments_event_can_be_neither_seen_nor_tried_again(exchange: Exchange) -> None:
    receipt = await held(exchange)
    await signed_in(exchange, HEALTH)
    for path in (*PAGES, "/department/receipts?status=held", "/department/receipts?status=overdue"):
        page = (await exchange.http.get(path)).text
        assert receipt not in page
        assert "hh-2024" not in page
    answer = await exchange.http.post(f"/department/receipts/{receipt}/retry", headers=OWN)
    assert answer.status_code == 404
    await signed_in(exchange, SECURITY)
    assert receipt in (await exchange.http.get("/department/receipts?status=overdue")).text
    answer = await exchange.http.post(f"/department/receipts/{receipt}/retry", headers=OWN)
    assert answer.headers["location"] == "/department/receipts?status=held&note=retried"


async def test_an_event_that_is_not_held_is_not_tried_again(exchange: Exchange) -> None:
    receipt = (await exchange.post(settled(1))).json()["receipt"]
    await signed_in(exchange)
    answer = await exchange.http.post(f"/department/receipts/{receipt}/retry", headers=OWN)
    assert "not-held" in answer.headers["location"]
    assert "已不在暂挂状态" in (await exchange.http.get(answer.headers["location"])).text


async def test_older_receipts_are_on_the_next_pages_each_once(exchange: Exchange) -> None:
    events = [settled(1) | {"id": f"n-{n:03}"} for n in range(60)]
    await exchange.post_batch(events)
    await signed_in(exchange)
    found: list[str] = []
    path: str | None = "/department/receipts"
    while path is not None:
        text = (await exchange.http.get(path)).text
        found += [part.split("<")[0] for part in text.split('<code class="id">')[1:]]
        following = text.partition('" rel="next"')
        path = following[0].rpartition('href="')[2].replace("&amp;", "&") if following[1] else None
    assert found == [f"n-{n:03}" for n in reversed(range(60))]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"department": "tax"}, "/department"),
        ({"roles": ["king"]}, "/roles"),
        ({"roles": ["service"]}, "/roles"),
        ({"roles": []}, "/roles"),
        ({"purpose": "curiosity"}, "/purpose"),
        ({"areas": ["37x"]}, "/areas"),
        ({"facility": "/"}, "/facility"),
        ({"subject": ""}, "/subject"),
        ({"more": 1}, "/more"),
    ],
)
async def test_a_code_is_minted_only_for_what_a_token_could_say(
    exchange: Exchange, wrong: dict[str, object], pointer: str
) -> None:
    answer = await mint(exchange, {"department": SECURITY, "roles": ["clerk"]} | wrong)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["faults"]] == [pointer]


async def test_only_administrators_mint_codes_and_only_in_development(exchange: Exchange) -> None:
    assert (await mint(exchange, {"roles": ["clerk"]}, roles=["reviewer"])).status_code == 403
    production = create_app(exchange.settings.model_copy(update={"environment": "production"}))
    assert "/v1/login-codes" not in {getattr(route, "path", "") for route in production.routes}


async def test_pages_are_kept_nowhere_and_let_nothing_foreign_in(exchange: Exchange) -> None:
    await signed_in(exchange)
    for path in PAGES:
        answer = await exchange.http.get(path, headers={"accept-language": "en"})
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["content-language"] == "en"
        assert " style=" not in answer.text
