"""A department's receiver on a port of this machine, entries to tell it, and a worker that sends."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI, Request, Response

from services.exchange.cases import repository as cases
from services.exchange.cases.standing import Case
from services.exchange.deliveries.telling import deliveries as deliveries_of
from services.exchange.distribution.entries import cloud_event
from services.exchange.feeds.names import department_feed
from shared import clock
from shared.app import Service
from shared.client import Sender
from shared.db import transaction
from shared.deliveries.worker import DeliveryWorker
from shared.feed.values import NewEntry
from shared.webhooks import verify
from tests.exchange_world import Exchange, served
from tests.line import until

Json = dict[str, Any]
MINE = "education"
FAST = (0.0, 0.02, 0.02)  # a retry table for tests: three tries


@dataclass(frozen=True)
class Received:
    """One message as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> Json:
        """What it says."""
        said: Json = json.loads(self.body)
        return said


Says = Callable[[Received], Awaitable[Response]]


async def fine(message: Received) -> Response:
    """What a receiver says that took the message."""
    return Response(status_code=204)


@dataclass
class Receiver:
    """Takes messages and answers as `says` does."""

    url: str = ""
    says: Says = fine
    got: list[Received] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """Keep a message and answer it."""
        message = Received(request.url.path, dict(request.headers), await request.body())
        self.got.append(message)
        return await self.says(message)

    @property
    def ids(self) -> list[str]:
        """Ids as they came in."""
        return [message.id for message in self.got]

    async def has(self, count: int, seconds: float = 20) -> list[Received]:
        """Wait for that many messages."""
        await until(lambda: len(self.got) >= count, f"{count} messages, {len(self.got)} came", seconds)
        return self.got


def always(status: int, headers: dict[str, str] | None = None) -> Says:
    """A receiver that always says this."""

    async def say(message: Received) -> Response:
        return Response(status_code=status, headers=headers)

    return say


def once(status: int, headers: dict[str, str] | None = None) -> Says:
    """A receiver that says this to the first message, and takes all others."""
    first: list[str] = []

    async def say(message: Received) -> Response:
        first.append(message.id)
        return Response(status_code=status if len(first) == 1 else 204, headers=headers if len(first) == 1 else None)

    return say


@asynccontextmanager
async def receiving(says: Says = fine) -> AsyncIterator[Receiver]:
    """A receiver."""
    receiver, app = Receiver(says=says), FastAPI()
    app.add_route("/{path:path}", receiver.take, methods=["POST", "GET"])
    async with served(app) as url:
        receiver.url = f"{url}/hook"
        yield receiver


async def tell(
    exchange: Exchange, count: int = 1, name: str = "person.changed", data: Json | None = None, department: str = MINE
) -> list[str]:
    """Put entries on a department's feed about a person it has a case on by reporting; their ids."""
    entries = []
    for _ in range(count):
        entry_id = uuid4()
        body = cloud_event(entry_id, name, "k1.reference", clock.now(), data or {"changed": {"name": "王秀英"}})
        entries.append(NewEntry(entry_id, body))
    async with transaction(exchange.service.pool) as connection:
        case = {(department, "k1.reference"): Case(UUID(int=1), clock.now(), told=True)}
        await cases.store(connection, case, {})
        await exchange.service.feeds.append(connection, department_feed(department), entries)
    return [str(entry.entry_id) for entry in entries]


async def put(exchange: Exchange, name: str, url: str | None, department: str = MINE, **wish: Any) -> Json:
    """Subscribe; the answer."""
    answer = await call(exchange, "PUT", name, department, url=url, **wish)
    assert answer.status_code in (200, 201), answer.text
    told: Json = answer.json()
    return told


async def call(exchange: Exchange, method: str, path: str, department: str = MINE, /, **body: Any) -> httpx.Response:
    """Call a route of subscriptions."""
    headers = exchange.headers(department)
    given: Json = {} if method in ("GET", "DELETE") else {"json": body}
    return await exchange.http.request(method, f"/v1/subscriptions/{path}".rstrip("/"), headers=headers, **given)


async def standing(exchange: Exchange, name: str) -> Json:
    """A subscription as its department sees it."""
    answer = await call(exchange, "GET", name)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def deliveries(exchange: Exchange, name: str) -> list[Json]:
    """All deliveries, with their attempts."""
    answer = await call(exchange, "GET", f"{name}/deliveries")
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["deliveries"]
    return found


async def all_delivered(exchange: Exchange, name: str, count: int) -> list[Json]:
    """Wait until that many deliveries are known to have arrived."""

    async def done() -> list[Json]:
        found = [each for each in await deliveries(exchange, name) if each["state"] == "delivered"]
        return found if len(found) >= count else []

    found: list[Json] = await until(done, f"{count} deliveries of {name}", 20)
    return found


def worker_of(
    service: Service,
    sender: Sender | None = None,
    retries: Sequence[float] = FAST,
    patience: float = 30,
    lease: float = 30,
) -> DeliveryWorker:
    """A worker with a retry table for tests."""
    deliveries_ = deliveries_of(service, sender or Sender(internal=True), retries, timedelta(seconds=patience))
    return DeliveryWorker(deliveries_, timedelta(seconds=lease), look=0.05)


@asynccontextmanager
async def working(worker: DeliveryWorker) -> AsyncIterator[asyncio.Task[None]]:
    """A running worker, cancelled as on SIGTERM."""
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def check(message: Received, *secrets: str) -> UUID:
    """Verify a message as a receiver does; its id."""
    return UUID(verify(secrets, message.headers, message.body).id)
