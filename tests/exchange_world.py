"""An exchange under test: its own database, keys and tokens, reached without a network, or served on a port."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from services.exchange.app import create_app
from services.exchange.keys import OWN_KEYS
from shared.app import Service
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.identifiers.resident import make
from shared.settings import Settings

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
POLICE = "urn:tenfold:public-security:household-register"
Json = dict[str, Any]


def registration(id_: str, sequence: int = 1, **envelope: Any) -> Json:
    """A household.registered CloudEvent of public security about the person of that sequence; None leaves out."""
    number = make("370102", date(1990, 5, 17), sequence % 1000)
    data = {
        "action": "created",
        "effective_on": "2026-01-31",
        "person": {
            "identifiers": [{"type": "resident-identity-number", "value": number}],
            "name": "王秀英",
            "sex": "female",
            "birth_date": "1990-05-17",
        },
        "household": {"number": f"H{sequence}", "kind": "family", "relation": "head", "area": "370102901001"},
    }
    event: Json = {
        "specversion": "1.0",
        "id": id_,
        "source": POLICE,
        "type": "cn.tenfold.household.registered.v1",
        "subject": f"HR-{sequence}",
        "time": "2026-02-01T08:00:00Z",
        "datacontenttype": "application/json",
        "data": data,
    } | envelope
    return {name: value for name, value in event.items() if value is not None}


def binary(event: Json) -> tuple[dict[str, str], bytes]:
    """Headers and body of the binary mode."""
    attributes = {f"ce-{name}": str(value) for name, value in event.items() if name not in ("data", "datacontenttype")}
    return attributes | {"content-type": "application/json"}, json.dumps(event["data"]).encode()


@dataclass
class Exchange:
    """The service and the hands on it."""

    app: FastAPI
    settings: Settings
    issuer: Issuer
    http: httpx.AsyncClient

    @property
    def service(self) -> Service:
        """What its handlers share."""
        service: Service = self.app.state.service
        return service

    def headers(
        self,
        department: str | None = "public-security",
        *,
        roles: Iterable[str] = ("reporter", "follower"),
        service: str | None = None,
        **more: str,
    ) -> dict[str, str]:
        """A caller's headers."""
        token = self.issuer.issue(subject="test", department=department, service=service, roles=roles)
        return {"authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in more.items()}

    async def post(self, body: Json | bytes, department: str = "public-security", **headers: str) -> httpx.Response:
        """Post one event in structured mode, or bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = self.headers(department) | {"content-type": STRUCTURED}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/v1/events", content=content, headers=given)

    async def post_binary(self, event: Json, department: str = "public-security", **headers: str) -> httpx.Response:
        """Post one event in binary mode."""
        attributes, body = binary(event)
        given = self.headers(department) | attributes | {name.replace("_", "-"): v for name, v in headers.items()}
        return await self.http.post("/v1/events", content=body, headers=given)

    async def post_batch(self, events: Sequence[Any], department: str = "public-security") -> list[Json]:
        """Post a batch; one result each."""
        answer = await self.post(json.dumps(events).encode(), department, content_type=BATCH)
        assert answer.status_code == 202, answer.text
        results: list[Json] = answer.json()["results"]
        return results

    async def accepted(self) -> int:
        """Rows of the journal, after checking that its positions are dense and agree with the heads."""
        rows = await self.service.pool.fetch(
            "SELECT h.position AS head, count(j.*) AS rows, coalesce(max(j.position), 0) AS last"
            "  FROM feed_head h LEFT JOIN journal j USING (partition) WHERE h.feed = 'vital-events'"
            " GROUP BY h.partition, h.position"
        )
        assert all(row["head"] == row["rows"] == row["last"] for row in rows), rows
        return sum(row["rows"] for row in rows)


def settings_for(url: str, folder: Path, issuer: Issuer) -> Settings:
    """Settings of an exchange with keys of its own in a folder."""
    KeyRing.create(folder / "exchange.keys", OWN_KEYS)
    return Settings(database_url=url, keys_file=folder / "exchange.keys", jwks_file=issuer.public_jwks_path)


async def until(holds: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something holds of which nothing else tells us. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 — there is no sign to wait for
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(settings: Settings, issuer: Issuer) -> AsyncIterator[Exchange]:
    """A running exchange without a network."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://exchange") as http,
    ):
        yield Exchange(app, settings, issuer, http)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The same application on a port of this machine, for streams and raw sockets; gives its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    (port,) = {socket.getsockname()[1] for each in server.servers for socket in each.sockets}
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
