"""Rate limits: a department that asks for too much waits, and no other department notices."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shared.auth.issuer import Issuer
from shared.rates import BURST_SECONDS
from tests.conftest import Database
from tests.exchange_world import Exchange, registration, running, settings_for
from tests.registry_world import LookUpWorld, RegistryWorld

pytest_plugins = ["tests.registry"]

SECURITY = "public-security"
RATE = 2
AT_ONCE = RATE * BURST_SECONDS


class Ticks:
    """The seconds that the buckets see."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def limited(database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Exchange]:
    """An exchange that lets little through."""
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    settings.events_per_second = settings.requests_per_second = RATE
    async with running(settings, issuer) as world:
        yield world


@pytest.fixture
def ticks(limited: Exchange) -> Ticks:
    """Time stands still for its buckets."""
    limited.app.state.rates.ticks = ticks = Ticks()
    return ticks


def is_limited(answer: httpx.Response, of: str, seconds: int) -> bool:
    told = answer.json()
    return (answer.status_code, answer.headers["retry-after"], told["type"], told["limit"]) == (
        429,
        str(seconds),
        "/errors#rate-limited",
        {"of": of, "per_second": RATE, "at_once": AT_ONCE},
    )


async def test_events_are_counted_one_by_one_and_in_batches(limited: Exchange, ticks: Ticks) -> None:
    await limited.post_batch([registration(f"n{n}", n) for n in range(AT_ONCE - 1)])
    assert (await limited.post(registration("last", 900))).status_code == 202
    refused = await limited.post(registration("more", 901))
    assert is_limited(refused, "events", 1)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await limited.post(registration("zh", 902), accept_language="zh")).json()["title"] == "本部门请求过于频繁"
    assert await limited.accepted() == AT_ONCE, "nothing of a refused request is accepted"
    assert (await limited.post(registration("other"), "health")).status_code == 403, "not its type, and not its fault"
    ticks.now += 1 / RATE
    assert (await limited.post(registration("more", 901))).status_code == 202
    assert is_limited(await limited.post(registration("again", 903)), "events", 1)


async def test_a_batch_larger_than_all_that_is_let_through_at_once_is_taken_and_paid_for(
    limited: Exchange, ticks: Ticks
) -> None:
    large = [registration(f"n{n}", n) for n in range(3 * AT_ONCE)]
    assert len(await limited.post_batch(large)) == 3 * AT_ONCE
    owed = 2 * BURST_SECONDS
    assert is_limited(await limited.post(registration("next", 900)), "events", owed + 1)
    ticks.now += owed + 1
    assert (await limited.post(registration("next", 900))).status_code == 202


async def test_what_is_no_event_counts_as_one(limited: Exchange, ticks: Ticks) -> None:
    for _ in range(AT_ONCE):
        assert (await limited.post(b"{")).status_code == 422
    assert is_limited(await limited.post(b"{"), "events", 1)


async def test_requests_are_counted_apart_from_events_and_for_each_department(limited: Exchange, ticks: Ticks) -> None:
    async def ask(department: str) -> httpx.Response:
        return await limited.http.get("/v1/receipts", headers=limited.headers(department))

    for _ in range(AT_ONCE):
        assert (await ask(SECURITY)).status_code == 200
    assert is_limited(await ask(SECURITY), "requests", 1)
    assert is_limited(await limited.http.get("/v1/feed", headers=limited.headers(SECURITY)), "requests", 1)
    assert (await ask("health")).status_code == 200
    assert (await limited.post(registration("a"))).status_code == 202
    service = limited.headers(None, service="registry", roles=())
    for _ in range(AT_ONCE + 5):
        answer = await limited.http.get("/v1/feeds/vital-events", headers=service)
        assert answer.status_code == 200, "services of the platform are not counted"
    ticks.now += 5
    assert [(await ask(SECURITY)).status_code for _ in range(11)] == [200] * 10 + [429]


async def test_whoever_may_not_call_is_refused_as_ever_and_uses_nothing_up(limited: Exchange, ticks: Ticks) -> None:
    wrong = limited.headers(SECURITY, roles=("follower",))
    for _ in range(AT_ONCE + 5):
        assert (await limited.http.post("/v1/receipts/x/retry", headers=wrong)).status_code in (403, 422)
        assert (await limited.http.post("/v1/events", headers=wrong)).status_code == 403
    assert (await limited.http.get("/v1/receipts", headers=limited.headers())).status_code == 200


async def test_zero_is_without_limit(database: Database, issuer: Issuer, tmp_path: Path) -> None:
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    settings.events_per_second = settings.requests_per_second = 0
    async with running(settings, issuer) as world:
        world.app.state.rates.ticks = Ticks()
        for _ in range(30):
            assert (await world.http.get("/v1/receipts", headers=world.headers())).status_code == 200
        await world.post_batch([registration(f"n{n}", n) for n in range(100)])
        assert not world.app.state.rates.buckets


async def test_the_registry_counts_too(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    rates = lookups.http._transport.app.state.rates  # type: ignore[attr-defined]
    rates.ticks, rates.per_second = Ticks(), {"requests": RATE}
    answers = [await lookups.get("/v1/people/k1.AAAA", SECURITY) for _ in range(AT_ONCE + 1)]
    assert [answer.status_code for answer in answers] == [404] * AT_ONCE + [429]
