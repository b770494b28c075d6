"""An alerts service under test: its own database, a date that tests set, and the registry's words told by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx
import msgspec
import uvicorn
from fastapi import FastAPI

from services.alerts.app import create_app
from services.alerts.facilities import repository
from services.alerts.registration_help.handlers import Helps
from services.alerts.state import Alerts
from shared.auth.issuer import Issuer
from shared.db import transaction
from shared.feed.follow import FeedEntry
from shared.settings import Settings

LIUQUAN, DONGMING, COUNTY = "H370102011", "H370102012", "H370102001"
IN_LIUQUAN, IN_DONGMING, ELSEWHERE = "370102901001", "370102902001", "440305000000"
BORN = date(2026, 3, 1)
DAY_15 = BORN + timedelta(days=15)
START = datetime(2026, 3, 2, tzinfo=UTC)

Body = dict[str, object]


def person(reference: str, *, area: str | None = IN_LIUQUAN, **more: object) -> Body:
    """What the registry says of a person."""
    told: Body = {"kind": "person", "reference": reference, "indexes": [], "area": area}
    return told | {"alive": True, "registered": False, "adopted": False} | more


def wish(child: str = "child", mother: str = "mother", *, asked: bool = True, **more: object) -> Body:
    """What the registry says of a mother's wish for help."""
    told: Body = {"kind": "help", "child": child, "mother": mother, "born_on": BORN.isoformat()}
    return told | {"mother_name": "王秀英", "child_name": None, "asked": asked} | more


def merged(former: str, into: str) -> Body:
    """What the registry says of two references that are one person."""
    return {"kind": "merged", "from": former, "into": into}


def entry(position: int, body: Body, at: datetime | None = None) -> FeedEntry:
    """An entry as the feed gives it, a minute after the one before."""
    recorded = at or START + timedelta(minutes=position)
    return FeedEntry(position, uuid4(), recorded, msgspec.Raw(json.dumps(body).encode()))


@dataclass
class World:
    """The service and the hands on it."""

    app: FastAPI
    alerts: Alerts
    issuer: Issuer
    http: httpx.AsyncClient
    today: date = BORN
    told: list[FeedEntry] = field(default_factory=list)

    @property
    def helps(self) -> Helps:
        """The use cases."""
        return self.alerts.helps

    async def tell(self, *bodies: Body) -> None:
        """The registry says this, in one page."""
        entries = [entry(len(self.told) + n, body) for n, body in enumerate(bodies, start=1)]
        self.told += entries
        await self.hear(entries)

    async def hear(self, entries: Sequence[FeedEntry]) -> None:
        """Handle entries in one transaction, as the follower does."""
        async with transaction(self.alerts.service.pool) as connection:
            await self.alerts.hearing.handle(connection, entries)

    async def on(self, day: date) -> None:
        """The worker looks at the date."""
        self.today = day
        while await self.helps.let_days_pass():
            pass

    async def birth(self) -> None:
        """A mother in Liuquan asked for help."""
        await self.tell(person("mother"), person("child"), wish())

    def token(self, facility: str = LIUQUAN, **claims: object) -> dict[str, str]:
        """Headers of a care worker."""
        given: dict[str, object] = {
            "subject": "nurse",
            "roles": ["care-worker"],
            "purpose": "care",
            "facility": facility,
        }
        return {"authorization": "Bearer " + self.issuer.issue(**given | claims)}  # type: ignore[arg-type]

    async def worklist(self, facility: str = LIUQUAN) -> list[dict[str, object]]:
        """What a facility sees."""
        answer = await self.http.get("/v1/worklist", headers=self.token(facility))
        assert answer.status_code == 200, answer.text
        tasks: list[dict[str, object]] = answer.json()["tasks"]
        return tasks

    async def announced(self, facility: str = LIUQUAN) -> list[str]:
        """What a facility's feed said of tasks, in order; digests come by the hour of the day."""
        answer = await self.http.get("/v1/feed", headers=self.token(facility))
        assert answer.status_code == 200, answer.text
        told = [each["data"]["kind"] for each in answer.json()["entries"]]
        return [kind for kind in told if kind != "digest"]

    async def listed(self, *staff: tuple[str, str], facility: str = LIUQUAN, clinicians: Sequence[str] = ()) -> None:
        """These workers, (subject, role) each, are listed at a facility from the first day on."""
        async with transaction(self.alerts.service.pool) as connection:
            for subject, role in staff:
                clinician = subject in clinicians
                await repository.provision(connection, facility, subject, role, (BORN, None), clinician=clinician)

    async def login_cookie(self, facility: str = LIUQUAN, roles: Sequence[str] = ("care-worker",)) -> str:
        """Log in by page, with a minted code; the session's cookie."""
        code = await self.code(facility, roles)
        answer = await self.http.post("/login", data={"code": code}, headers={"origin": "http://alerts"})
        assert answer.status_code == 303, answer.text
        return answer.headers["set-cookie"]

    async def code(self, facility: str = LIUQUAN, roles: Sequence[str] = ("care-worker",)) -> str:
        """A minted code."""
        administrator = {"authorization": "Bearer " + self.issuer.issue(subject="admin", roles=["administrator"])}
        wanted = {"subject": "nurse", "facility": facility, "roles": list(roles)}
        answer = await self.http.post("/v1/login-codes", json=wanted, headers=administrator)
        assert answer.status_code == 201, answer.text
        code: str = answer.json()["code"]
        return code


@asynccontextmanager
async def running(settings: Settings, issuer: Issuer, today: date = BORN) -> AsyncIterator[World]:
    """An alerts service that is opened, used and closed."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://alerts") as http,
    ):
        world = World(app, app.state.alerts, issuer, http, today)
        world.alerts = app.state.alerts = Alerts.of(app.state.service, lambda: world.today)
        yield world


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """An application on a port of this machine, for streams and browsers; gives its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 — uvicorn gives no event to wait for
        await asyncio.sleep(0.01)
    (port,) = {socket.getsockname()[1] for each in server.servers for socket in each.sockets}
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
