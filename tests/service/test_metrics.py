"""GET /metrics: figures by closed words, on a port of its own, and nothing about anybody."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.alerts.measures.repository import MEASURES as OF_ALERTS
from services.exchange.measures.repository import MEASURES as OF_EXCHANGE
from services.registry.measures.repository import MEASURES as OF_REGISTRY
from shared.auth.issuer import Issuer
from shared.db import connect
from shared.metrics.gauges import Measures
from shared.metrics.serving import serving
from shared.settings import Settings
from tests.conftest import Database
from tests.exchange_world import Exchange, registration, running, settings_for
from tests.histories import birth, person
from tests.line import free_port_base
from tests.reconcilers_world import Reconcilers
from tests.registry_world import says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.reconcilers"]

CANARY = "canary-王秀英-370102199005170010"


@pytest.fixture
async def watched(database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Exchange]:
    """An exchange that answers /metrics."""
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    settings.metrics_port = free_port_base()
    async with running(settings, issuer) as exchange:
        yield exchange


async def scraped(port: int) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and the values of its labels."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    samples = [sample for family in families for sample in family.samples if not sample.name.endswith("_created")]
    return {(each.name, *each.labels.values()): each.value for each in samples}


async def test_requests_are_counted_by_route_and_status_and_say_nothing_of_the_caller(watched: Exchange) -> None:
    port = watched.settings.metrics_port
    await watched.post(registration("e1", 1))
    await watched.post(registration("e1", 1) | {"subject": CANARY})
    headers = watched.headers("public-security") | {"user-agent": CANARY.encode().hex()}
    unknown = "00000000-0000-0000-0000-000000000001"
    for path in (f"/v1/receipts/{unknown}", f"/v1/nowhere/{CANARY}", f"/v1/feed?after={CANARY}"):
        await watched.http.get(path, headers=headers)
    await watched.http.request("CANARY", f"/{CANARY}")
    found = await scraped(port)
    assert found["tenfold_requests_total", "POST", "/v1/events", "202"] == 1
    assert found["tenfold_requests_total", "GET", "/v1/receipts/{receipt}", "404"] == 1
    assert found["tenfold_requests_total", "GET", "none", "404"] == 1
    assert found["tenfold_requests_total", "other", "none", "404"] == 1
    told = repr(found)
    assert CANARY not in told
    assert "canary" not in told.lower()
    assert "public-security" not in told


async def test_the_port_answers_nothing_else_and_departments_port_has_no_metrics(watched: Exchange) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{watched.settings.metrics_port}") as client:
        assert (await client.get("/v1/catalogue")).status_code == 404
        assert (await client.post("/metrics")).status_code == 404
    assert (await watched.http.get("/metrics")).status_code == 404


@pytest.mark.parametrize(("service", "measures"), [("exchange", OF_EXCHANGE), ("registry", OF_REGISTRY)])
async def test_figures_come_from_the_database_when_somebody_looks(
    reconcilers: Reconcilers, service: str, measures: Any
) -> None:
    pool = reconcilers.of(service).pool
    figures = Measures(pool, measures)
    async with serving("127.0.0.1", free_port_base(), figures.registry, figures.refresh) as port:
        before = await scraped(port)
        await reconcilers.line.report(
            says("birth.certified", "b1", birth(person(2), person(1)), "2024-02-01"),
            says("birth.certified", "b2", birth(person(2), person(1)), "2024-02-01", action="corrected", of="b0"),
        )
        await pool.execute("INSERT INTO finding (kind, place) VALUES ('rows-lost', $1)", CANARY)
        found = await scraped(port)
    assert (before["tenfold_held",], found["tenfold_held",]) == (0, 1)
    assert found["tenfold_parked",] == 0
    assert found["tenfold_findings", "rows-lost"] == 1
    head, cursor = ("vital-events", "changes") if service == "exchange" else ("changes", "vital-events")
    heads = [value for name, value in found.items() if name[:2] == ("tenfold_feed_head", head)]
    cursors = [value for name, value in found.items() if name[:2] == ("tenfold_feed_cursor", cursor)]
    assert sum(heads) > 0
    assert sum(cursors) > 0
    assert CANARY not in repr(found)


async def test_alerts_says_nothing_of_care(reconcilers: Reconcilers) -> None:
    figures = Measures(reconcilers.alerts.pool, OF_ALERTS)
    async with serving("127.0.0.1", free_port_base(), figures.registry, figures.refresh) as port:
        assert {name[0] for name in await scraped(port)} == {"tenfold_parked"}


async def test_a_database_that_is_away_and_a_port_that_is_taken_stop_nothing(database: Database) -> None:
    pool = await connect(await database("alerts"), most=1)
    figures = Measures(pool, OF_ALERTS)
    async with serving("127.0.0.1", free_port_base(), figures.registry, figures.refresh) as port:
        async with serving("127.0.0.1", port, figures.registry) as taken:
            assert taken == 0
        await pool.close()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/metrics")).status_code == 503


async def test_without_a_port_nothing_listens(database: Database) -> None:
    assert Settings.model_fields["metrics_port"].default == 0
    assert Settings.model_fields["metrics_host"].default == "127.0.0.1"
    figures = Measures(None, OF_ALERTS)  # type: ignore[arg-type] # nobody asks
    async with serving("127.0.0.1", 0, figures.registry) as port:
        assert port == 0
