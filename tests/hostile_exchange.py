"""An exchange under fire, with something of everything in it. The intake is fired at by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from shared.auth.issuer import Issuer
from shared.client import Sender
from tests.agreements_world import document
from tests.exchange_world import Exchange, registration, running, settings_for
from tests.hostile_world import Hostile
from tests.webhooks_world import call

LEFT_OUT = {
    "POST /v1/events": "24 types in one schema are slow to draw from; see test_intake_fuzzed.py",
}


async def nowhere(host: str, port: int) -> list[str]:
    """Addresses that were made up are never looked for."""
    raise OSError(host, port)


async def furnished(exchange: Exchange) -> dict[str, list[str]]:
    """Something of everything that a path can name."""
    receipts = [result["receipt"] for result in await exchange.post_batch([registration("a", 1), registration("b", 2)])]
    await call(exchange, "PUT", "first", url="https://hooks.example.cn/tenfold")
    await call(exchange, "PUT", "second", url=None)
    reviewer = exchange.headers(roles=["reviewer"])
    proposed = await exchange.http.post("/v1/agreements", json=document("public-security"), headers=reviewer)
    assert proposed.status_code == 201, proposed.text
    period = {"from": "2026-02-01", "to": "2026-02-28"}
    kind = {"content-type": "text/csv"}
    listed = await exchange.http.post(
        "/v1/reconciliations", params=period, content=b"source,id,digest\n", headers=exchange.headers() | kind
    )
    assert listed.status_code == 201, listed.text
    return {
        "receipt": receipts,
        "name": ["first", "second"],
        "identifier": ["public-security-example", "housing-public-rental"],
        "reconciliation": [listed.json()["reconciliation"]],
        "feed": ["vital-events", "sharing"],
        "case": [str(uuid4())],
    }


@asynccontextmanager
async def under_fire(url: str, folder: Path, issuer: Issuer) -> AsyncIterator[Hostile]:
    """A running exchange without limits a second, which looks for no address."""
    unlimited = settings_for(url, folder, issuer).model_copy(update={"events_per_second": 0, "requests_per_second": 0})
    async with running(unlimited, issuer) as exchange:
        exchange.app.state.sender = replace(exchange.app.state.sender, resolve=nowhere)
        assert isinstance(exchange.app.state.sender, Sender)
        yield Hostile("exchange", exchange.app, issuer, exchange.http, await furnished(exchange))
