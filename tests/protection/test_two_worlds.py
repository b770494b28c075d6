"""To everyone outside health care, a world with more pregnancies, losses and withdrawals is the same world, byte for
byte (protection rule 4): one history is played in both, and all that anybody else could see is compared.
"""

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4, uuid5

import httpx
import pytest
import structlog

from deploy.kafka.broker import available
from services.alerts.app import create_app
from services.alerts.episodes.enrolment import EPISODE
from services.alerts.keys import OWN_KEYS, SHARED_KEYS
from services.alerts.state import Alerts
from services.exchange.keys import SHARED_KEYS as EXCHANGE_SHARED
from shared.auth.caller import DEPARTMENTS
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.feed.follow import Follower
from shared.kafka.settings import KafkaSettings
from shared.settings import Settings
from tests.alerts_world import DONGMING, LIUQUAN, World
from tests.care_world import CareWorld, enrolment
from tests.conftest import Database
from tests.departments_world import Line, caller_of, lined_up
from tests.exchange_world import running
from tests.exchange_world import settings_for as exchange_settings
from tests.histories import birth, number, person
from tests.line import free_port_base
from tests.registry_world import PURPOSE, LookUpWorld, looking_up, opened, says
from tests.registry_world import settings_for as registry_settings
from tests.routes import RIGHTS, SERVICES
from tests.two_worlds import Watched, statements
from tests.two_worlds_published import Published, scraped

pytest_plugins = ["tests.kafka"]

HER, HIM, OTHER = person(2, "王秀英"), person(1, "李伟"), person(4, "赵敏")
HOME = {"number": "HH7", "kind": "family", "area": "370102901001"}
AWAY = {"number": "HH8", "kind": "family", "area": "370102902001"}
SETTLED = says("household.registered", "r1", {"person": HER, "household": HOME | {"relation": "spouse"}}, "2024-01-10")
HISTORY = [
    [
        SETTLED,
        says("household.registered", "r2", {"person": HIM, "household": HOME | {"relation": "head"}}, "2024-01-10"),
        says("household.registered", "r3", {"person": OTHER, "household": AWAY | {"relation": "head"}}, "2024-01-11"),
    ],
    [
        says("marriage.registered", "w1", {"spouses": [HER, HIM], "certificate_number": "M1"}, "2024-02-01"),
        says("birth.certified", "b1", birth(OTHER, None, cert="C1", born="2024-02-03"), "2024-02-03"),
    ],
    [
        says(
            "migration.arrived",
            "m1",
            {
                "person": HER,
                "household": AWAY | {"relation": "other"},
                "permit_number": "P1",
                "from_area": "370102901001",
                "to_area": "370102902001",
            },
            "2024-03-01",
        ),
        says("death.certified", "d1", {"person": OTHER, "certificate_number": "D1"}, "2024-03-02", department="health"),
    ],
]
BACK = {"permit_number": "P2", "from_area": "370102902001", "to_area": "370102901001"}
LAST = says("migration.arrived", "m2", {"person": HIM, "household": HOME | {"relation": "head"}} | BACK, "2024-04-01")
DAY = date(2026, 3, 5)
OUTSIDERS: list[dict[str, Any]] = [
    {"department": "civil-affairs", "roles": ["clerk", "reporter", "follower"], "purpose": "vital-registration"},
    {"department": "population-family", "roles": ["clerk"], "purpose": "service-delivery"},
    {"department": "health", "roles": ["clerk"], "purpose": "vital-registration"},
    {"roles": ["administrator"]},
    {"roles": ["protection-officer"], "purpose": "audit"},
    {"roles": ["citizen"]},
    {"roles": ["care-worker"], "purpose": "care", "facility": DONGMING},
]
# What the other facility's own staff may read of it does say what moved there; nothing moves in this history.
CALLERS = frozenset({"httpx", "httpcore"})  # the tests' own client: who calls alerts knows that they do
ASKED = "request-two-worlds-"


@dataclass
class Everything:
    """The three services, and who watches them."""

    line: Line
    lookups: LookUpWorld
    cared: CareWorld
    following: Follower
    watched: Watched
    episodes: list[str]

    async def passes(self, stage: int, care: Callable[["Everything", int], Awaitable[None]]) -> None:
        """One part of the history; then care, if there is any; then everybody looks."""
        await self.line.report(*HISTORY[stage])
        while await self.following.step():
            pass
        await care(self, stage)
        self.watched.see("stage", stage)
        for department in sorted(DEPARTMENTS):
            await self.look(department)
        await self.herself()
        await self.officials()
        if stage:
            await self.at_alerts()

    async def look(self, department: str) -> None:
        """A department reads its feed, its receipts, and whom it can find."""
        self.watched.see(f"{department} feed", (await self.line.feed_bytes(department)).decode())
        self.watched.see(f"{department} receipts", (await self.line.receipts(department)).decode())
        for purpose in {PURPOSE.get(department, "service-delivery"), "service-delivery"}:
            self.watched.answer(department, await self.lookups.search(number(2), department, purpose))
        reference = await self.line.registry.reference(department, SETTLED)
        for path in ("", "/timeline", "/disclosures"):
            self.watched.answer(department, await self.lookups.get(f"/v1/people/{reference}{path}", department))

    async def herself(self) -> None:
        """She reads her own record at the registry."""
        provider = {"authorization": "Bearer " + self.lookups.issuer.issue(subject="p", service="identity-provider")}
        shown = {"identifier": number(2), "name": HER["name"], "birth_date": HER["birth_date"]}
        found = await self.lookups.http.post("/v1/citizens", json=shown, headers=provider)
        token = self.lookups.issuer.issue(subject=found.json()["subject"], roles=["citizen"])
        headers = {"authorization": f"Bearer {token}"}
        for path in ("/v1/me", "/v1/me/cases"):
            self.watched.answer(path, await self.lookups.http.get(path, headers=headers))
        told = await self.lookups.http.get("/v1/me/disclosures?limit=200", headers=headers)
        # What one transaction writes down has no order of its own.
        self.watched.see("disclosures", sorted(str(each | UNORDERED) for each in told.json()["disclosures"]))

    async def officials(self) -> None:
        """Administrators and the protection officer look at the exchange and the registry."""
        for claims in ({"roles": ["administrator"]}, {"roles": ["protection-officer"], "purpose": "audit"}):
            token = self.lookups.issuer.issue(subject="chief", **claims)
            headers = {"authorization": f"Bearer {token}"}
            for path in ("/v1/overview", "/v1/reconciliations/findings", "/v1/flags", "/v1/questions", "/healthz"):
                self.watched.answer(f"exchange {path}", await self.line.exchange.http.get(path, headers=headers))
                self.watched.answer(f"registry {path}", await self.lookups.http.get(path, headers=headers))

    async def at_alerts(self) -> None:
        """Everybody who is no staff of the facility on duty tries every call of alerts."""
        episode = self.episodes[0]
        for claims in [None, *OUTSIDERS]:
            token = self.cared.world.issuer.issue(subject="outside", **claims) if claims else ""
            headers = {"authorization": f"Bearer {token}"} if claims else {}
            for route, right in sorted(RIGHTS["alerts"].items()):
                if right.endless or ((claims or {}).get("facility") and "{episode}" not in route):
                    continue
                method, _, path = route.partition(" ")
                path = path.replace("{episode}", episode)
                for name in ("contact", "help_id", "staff_id"):
                    path = path.replace(f"{{{name}}}", episode)
                answer = await self.cared.world.http.request(method, path, headers=headers)
                self.watched.answer(f"{claims} {route}", answer)
        for path in ("/healthz", "/readyz", "/openapi.json"):
            self.watched.answer(path, await self.cared.world.http.get(path))


async def nobody_enrolled(everything: Everything, stage: int) -> None:
    """A world without pregnancies."""
    await everything.cared.on(DAY + timedelta(days=100 * stage))


async def much_care(everything: Everything, stage: int) -> None:
    """A world with pregnancies, a loss, a birth, a withdrawal, and time that passes."""
    cared = everything.cared
    if stage == 0:
        for n, known in enumerate((number(2)["value"], number(4)["value"], None)):
            made = await cared.enrolled(enrolment(cared.lmp, request=f"{ASKED}{n}", number=known))
            assert made == everything.episodes[n]
        (first, *_) = await cared.contacts(everything.episodes[0], "open")
        assert (await cared.outcome(everything.episodes[0], first["contact"])).status_code in (200, 201, 204)
        risk = {"level": "red", "infection": True}
        clinician = ["care-worker", "supervisor"]
        assert (await cared.act(everything.episodes[0], "risk", risk, roles=clinician)).status_code == 200
    if stage == 1:
        ended = {"because": "miscarriage"}
        assert (await cared.act(everything.episodes[1], "end", ended)).status_code == 204
    await cared.on(DAY + timedelta(days=100 * stage))
    if stage == 1:
        withdrawn = await cared.call("DELETE", f"/v1/episodes/{everything.episodes[0]}/consent")
        assert withdrawn.status_code == 204
        assert (await cared.call("GET", f"/v1/episodes/{everything.episodes[0]}")).status_code == 404


async def careless(everything: Everything, stage: int) -> None:
    """A world in which care asks the registry about her: what this test must notice."""
    await much_care(everything, stage)
    if stage == 1:
        await everything.lookups.search(number(2), "health")


LOGGED = "SELECT subject, department, service, purpose, action, fields, basis FROM access_log"
UNORDERED = {"entry": None, "at": None}


@asynccontextmanager
async def alerts(url: str, folder: Path, shared: Path, issuer: Issuer) -> AsyncIterator[CareWorld]:
    """An alerts service in a folder of its own, with the keys that it shares with the registry."""
    keys = folder / "alerts.keys"
    KeyRing.create(keys, OWN_KEYS)
    KeyRing.share(shared / "registry.keys", keys, SHARED_KEYS)
    told = Settings(database_url=url, keys_file=keys, jwks_file=issuer.public_jwks_path, metrics_port=free_port_base())
    app = create_app(told)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://alerts") as http,
    ):
        world = World(app, app.state.alerts, issuer, http, today=DAY)
        world.alerts = app.state.alerts = Alerts.of(app.state.service, lambda: world.today)
        yield CareWorld(world)


@dataclass
class Playing:
    """Plays the history in a new world."""

    database: Database
    issuer: Issuer
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    caplog: pytest.LogCaptureFixture
    capfd: pytest.CaptureFixture[str]
    kafka: KafkaSettings | None

    async def world(self, name: str, care: Callable[[Everything, int], Awaitable[None]]) -> list[str]:
        """All that was seen in it, in order."""
        folder = self.folder / name
        folder.mkdir()
        watched = Watched()
        sent: dict[str, list[str]] = {"exchange": [], "registry": []}
        urls = {service: await self.database(service) for service in SERVICES}
        self.caplog.set_level(logging.DEBUG)
        self.caplog.clear()
        self.capfd.readouterr()
        with statements(sent, self.monkeypatch), structlog.testing.capture_logs() as logged:
            async with AsyncExitStack() as stack:
                keys = self.folder  # the same in every world
                settings = exchange_settings(urls["exchange"], keys, self.issuer)
                theirs = registry_settings(urls["registry"], keys, self.issuer)
                KeyRing.share(theirs.keys_file, settings.keys_file, EXCHANGE_SHARED)
                settings.metrics_port = free_port_base()
                exchange = await stack.enter_async_context(running(settings, self.issuer))
                registry = await stack.enter_async_context(opened(theirs))
                line = await stack.enter_async_context(lined_up(exchange, registry, self.issuer))
                registry.service.settings.metrics_port = free_port_base()
                lookups = await stack.enter_async_context(looking_up(registry, self.issuer))
                cared = await stack.enter_async_context(alerts(urls["alerts"], folder, keys, self.issuer))
                told = await stack.enter_async_context(caller_of(lookups.app, self.issuer, "alerts"))
                service = cared.world.alerts.service
                handle = cared.world.alerts.hearing.handle
                following = Follower("care", 0, told.fetch, service.pool, service.ring, handle)
                episodes = [episode_of(n) for n in range(3)]
                everything = Everything(line, lookups, cared, following, watched, episodes)
                for stage in range(len(HISTORY)):
                    await everything.passes(stage, care)
                written = await registry.service.pool.fetch(LOGGED)
                watched.see("access log of the registry", sorted(str(tuple(row)) for row in written))
                for service_name in SERVICES[:2]:
                    watched.see(f"statements of {service_name}", "\n".join(sent[service_name]))
                watched.see("logs", f"{logged}{self.logged()}")
                for each in (exchange.service, registry.service, service):
                    watched.see("/metrics", await scraped(each.settings.metrics_port))
                if self.kafka is not None:
                    published = Published(self.kafka, f"two-worlds-{uuid4()}", line, lookups, cared)
                    async for what, seen in published.seen(LAST):
                        watched.see(what, seen)
        return watched.seen

    def logged(self) -> str:
        """What was logged and printed until now."""
        out, err = self.capfd.readouterr()
        lines = [each.getMessage() for each in self.caplog.records if each.name.partition(".")[0] not in CALLERS]
        return f"{lines}{out}{err}"


def episode_of(n: int) -> str:
    """The episode that the n-th enrolment has in a world where there is one."""
    return str(uuid5(EPISODE, f"{LIUQUAN}\n{ASKED}{n}"))


@pytest.fixture
def playing(
    request: pytest.FixtureRequest,
    database: Database,
    issuer: Issuer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Playing:
    """What is needed to play a history more than once; topics are compared where a broker can run, and always in CI."""
    broker = available() is None or os.environ.get("CI") == "true"
    kafka = request.getfixturevalue("kafka") if broker else None
    return Playing(database, issuer, tmp_path, monkeypatch, caplog, capfd, kafka)


async def test_a_world_with_pregnancies_is_the_same_world_to_everyone_outside_care(playing: Playing) -> None:
    without = await playing.world("without", nobody_enrolled)
    assert len(without) > 300
    for one, other in zip(without, await playing.world("with", much_care), strict=True):
        assert one == other
    assert without != await playing.world("careless", careless), "what care asks elsewhere is noticed"
