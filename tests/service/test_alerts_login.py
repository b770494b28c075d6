"""One-time codes, sessions, and the pages behind them."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.alerts.app import create_app
from shared import clock
from shared.sessions import codes
from shared.settings import Settings
from tests.alerts_world import DAY_15, DONGMING, World

pytest_plugins = ["tests.alerts"]

OWN = {"origin": "http://alerts"}
NOON = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)


async def try_code(world: World, code: str, **headers: str) -> httpx.Response:
    """Send the login form."""
    return await world.http.post("/login", data={"code": code}, headers=OWN | headers)


async def test_a_code_lets_in_once(world: World) -> None:
    code = await world.code()
    first = await try_code(world, code)
    assert (first.status_code, first.headers["location"]) == (303, "/worklist")
    world.http.cookies.clear()
    assert (await try_code(world, code)).status_code == 403


async def test_a_code_may_be_typed_in_any_case_and_spacing(world: World) -> None:
    code = await world.code()
    assert (await try_code(world, " " + code.lower().replace("-", " - "))).status_code == 303


async def test_a_code_ends_after_five_minutes(world: World) -> None:
    with clock.frozen(NOON):
        code = await world.code()
    with clock.frozen(NOON + timedelta(minutes=5)):
        assert (await try_code(world, code)).status_code == 403


async def test_the_cookie_is_for_the_server_only(world: World) -> None:
    cookie = await world.login_cookie()
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict"} <= parts
    assert "secure" not in parts


async def test_production_mints_no_codes_and_marks_the_cookie_secure(world: World, settings: Settings) -> None:
    code = await world.code()
    world.alerts.service.settings.environment = "production"
    assert "secure" in (await try_code(world, code)).headers["set-cookie"].lower()
    production = create_app(settings.model_copy(update={"environment": "production"}))
    paths = {getattr(route, "path", "") for route in production.routes}
    assert "/v1/login-codes" not in paths


async def test_a_session_sees_what_a_token_of_the_facility_sees(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    expected = await world.worklist()
    await world.login_cookie()
    answer = await world.http.get("/v1/worklist")
    assert answer.json()["tasks"] == expected
    page = await world.http.get("/worklist", headers={"accept-language": "en"})
    assert "王秀英" in page.text
    assert "1 April 2026" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_session_of_another_facility_sees_nothing_of_it(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    (task,) = await world.worklist()
    await world.login_cookie(DONGMING)
    assert "王秀英" not in (await world.http.get("/worklist")).text
    page = await world.http.get(f"/worklist/{task['id']}/refusal")
    assert page.status_code == 404
    assert "王秀英" not in page.text


async def test_who_is_not_signed_in_is_led_to_the_login(world: World) -> None:
    for path in ("/worklist", "/worklist/00000000-0000-0000-0000-000000000007/refusal"):
        answer = await world.http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_signing_out_ends_the_session_everywhere(world: World) -> None:
    await world.login_cookie()
    kept = dict(world.http.cookies)
    await world.http.post("/logout", headers=OWN)
    world.http.cookies.clear()
    cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
    assert (await world.http.get("/v1/worklist", headers={"cookie": cookie})).status_code == 401


async def test_a_session_ends_after_eight_hours(world: World) -> None:
    with clock.frozen(NOON):
        secret = await world.alerts.sessions.log_in(await world.code(), "somewhere")
    with clock.frozen(NOON + timedelta(hours=8) - timedelta(seconds=1)):
        assert await world.alerts.sessions.caller(secret) is not None
    with clock.frozen(NOON + timedelta(hours=8)):
        assert await world.alerts.sessions.caller(secret) is None


async def test_a_refusal_by_page_asks_first(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    (task,) = await world.worklist()
    await world.login_cookie()
    path = f"/worklist/{task['id']}/refusal"
    assert "王秀英" in (await world.http.get(path)).text
    assert len(await world.worklist()) == 1
    done = await world.http.post(path, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, "/worklist?said=noted")
    assert await world.worklist() == []


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://alerts:9000"}, {"origin": "http://evil.example"}, {"sec-fetch-site": "same-site", **OWN}],
    ids=["unsaid", "another port", "another site", "another port, said by the browser"],
)
async def test_forms_of_other_sites_are_refused(world: World, headers: dict[str, str]) -> None:
    await world.birth()
    await world.on(DAY_15)
    (task,) = await world.worklist()
    await world.login_cookie()
    for path in (f"/worklist/{task['id']}/refusal", f"/v1/worklist/{task['id']}/refusal", "/login", "/logout"):
        assert (await world.http.post(path, headers=headers)).status_code == 403
    assert len(await world.worklist()) == 1


async def test_after_ten_wrong_codes_even_the_right_one_waits(world: World) -> None:
    with clock.frozen(NOON):
        code = await world.code()
        for _ in range(10):
            assert (await try_code(world, "AAAAA-AAAAA")).status_code == 403
        blocked = await try_code(world, code, **{"accept-language": "en"})
        assert blocked.status_code == 429
        assert "Wait 5 min" in blocked.text
    with clock.frozen(NOON + timedelta(minutes=5)):
        assert (await try_code(world, await world.code())).status_code == 303


async def test_codes_and_cookies_are_not_kept_in_the_database(world: World) -> None:
    code = await world.code()
    rows = await world.alerts.service.pool.fetch("SELECT c::text AS row FROM login_code c")
    assert code not in rows[0]["row"]
    assert codes.normalise(code) not in rows[0]["row"]


async def test_only_administrators_mint_codes(world: World) -> None:
    wanted = {"subject": "x", "facility": DONGMING, "roles": ["care-worker"]}
    assert (await world.http.post("/v1/login-codes", json=wanted, headers=world.token())).status_code == 403
    assert (await world.http.post("/v1/login-codes", json=wanted)).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [{"facility": "H9"}, {"roles": ["administrator"]}, {"roles": []}, {"subject": ""}, {"more": 1}],
    ids=["no facility", "another role", "no role", "nobody", "unknown field"],
)
async def test_a_code_is_minted_for_care_staff_of_a_facility_only(world: World, wrong: dict[str, object]) -> None:
    administrator = {"authorization": "Bearer " + world.issuer.issue(subject="a", roles=["administrator"])}
    wanted = {"subject": "x", "facility": DONGMING, "roles": ["care-worker"]} | wrong
    assert (await world.http.post("/v1/login-codes", json=wanted, headers=administrator)).status_code == 422


def test_codes_are_easy_to_read_and_hard_to_guess() -> None:
    drawn = {codes.fresh() for _ in range(1000)}
    assert len(drawn) == 1000
    assert not set("".join(drawn)) & set("01OILU")
    assert len(codes.normalise(drawn.pop())) == 10
