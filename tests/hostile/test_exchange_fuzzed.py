"""Whatever is sent to the exchange: no 5xx, nothing accepted that its schema refuses, every refusal a problem.

The intake is fired at in a file of its own (test_intake_fuzzed.py).
"""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from shared.auth.issuer import Issuer
from shared.client import Sender
from tests.agreements_world import document
from tests.conftest import Database
from tests.exchange_world import Exchange, registration, running, settings_for
from tests.hostile_world import TIMES, Hostile
from tests.webhooks_world import call

CASES = 5_000
LEFT_OUT = {
    "GET /v1/feed/stream": "it never ends; tests/hostile/test_bodies.py asks it for what it must refuse",
    "POST /v1/events": "24 types in one schema are slow to draw from; see test_intake_fuzzed.py",
}
HEAVY = {"POST /v1/agreements": 25, "POST /v1/agreements/preview": 25, "POST /v1/cases": 40}


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


async def test_no_request_breaks_the_exchange_or_passes_its_schema_by(
    database: Database, issuer: Issuer, tmp_path: Path
) -> None:
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    unlimited = settings.model_copy(update={"events_per_second": 0, "requests_per_second": 0})
    async with running(unlimited, issuer) as exchange:
        exchange.app.state.sender = replace(exchange.app.state.sender, resolve=nowhere)
        assert isinstance(exchange.app.state.sender, Sender)
        hostile = Hostile("exchange", exchange.app, issuer, exchange.http, await furnished(exchange))
        await hostile.fire(HEAVY, 60, LEFT_OUT)
        await hostile.nearly(LEFT_OUT)
        assert not hostile.found, hostile.report()
        assert hostile.cases >= CASES * TIMES
        assert hostile.succeeded > hostile.cases // 20
