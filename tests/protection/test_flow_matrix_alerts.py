"""The flow matrix in alerts (protection rules 3, 4 and 8): a canary of its own for every field of a woman in care,
every channel searched for each of them, and each cell of channel × field asserted; then the same once she withdrew."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
import structlog

from services.alerts.measures.repository import MEASURES
from services.alerts.misuse.judging import Judge
from services.alerts.misuse.limits import Night, load
from services.alerts.needs.rules import Need
from shared import clock
from shared.feed import http as feed_http
from shared.metrics.gauges import Measures
from shared.metrics.serving import said
from tests.alerts_world import DONGMING, LIUQUAN, served
from tests.care_world import Json, enrolment
from tests.channels_world import SUPERVISOR, Channels
from tests.line import until
from tests.webhooks_world import Receiver, always, receiving

pytest_plugins = ["tests.alerts"]

NUMBER: Final = "11010519491231002X"
WORDS: Final = {"name": "CanaryNameQx", "reach": "13899990001", "avoid": "CanaryAvoidQx", "report": "CanaryReportQx"}
DELIVERIES: Final = "SELECT entry_id FROM care_delivery"
CALLERS: Final = frozenset({"httpx", "httpcore"})  # the test's own client
STOPS: Final = 5.0  # seconds within which use stops everywhere

# `lmp` is shown wherever windows are: that of the first contact begins on that day (docs/protection.md, rule 3).
# Channel → the fields that it may show, of all there are: everything that is not named here must not be found there.
RECORD: Final = {"name", "reach", "avoid", "lmp", "contact", "episode"}
CELLS: Final = {
    "care record": RECORD,
    "care record page": RECORD | {"report"},
    "worklist": {"name", "reach", "avoid", "contact", "episode", "lmp"},
    "worklist page": {"name", "reach", "avoid", "contact", "episode"},
    "feed": {"contact", "lmp"},
    "stream": {"contact", "lmp"},
    "her own page": {"name", "contact", "lmp"},
    "her copy": RECORD | {"report"},
    "her page of looks": set(),
    "secret feed": set(),
    "secret calendar": set(),
    "webhook": set(),
    "webhook deliveries": set(),
    "supervision": set(),
    "supervision page": set(),
    "flags": set(),
    "flags page": set(),
    "reports to supervisors": set(),
    "overview": set(),
    "to look at": {"name", "episode"},
    "to look at page": {"name", "episode"},
    "help asked for": set(),
    "help asked for page": set(),
    "staff page": set(),
    "channels page": set(),
    "channels page of supervisors": set(),
    "elsewhere: record": set(),
    "elsewhere: to look at": set(),
    "elsewhere: worklist": set(),
    "elsewhere: feed": set(),
    "elsewhere: offers": set(),
    "metrics": set(),
    "access log": set(),
    "logs": set(),
}
READABLE: Final = {
    "contact",
    "episode",
    "lmp",
}  # what tables hold unsealed: ids, and days of windows (docs/episodes.md)


@dataclass
class Matrix:
    """Every channel of alerts, with a woman in care whose every value is hers alone."""

    channels: Channels
    receiver: Receiver
    episode: str
    values: dict[str, str]
    addresses: dict[str, str]
    streamed: list[str]
    caplog: pytest.LogCaptureFixture
    capfd: pytest.CaptureFixture[str]

    async def get(self, path: str, status: int = 200, **claims: Any) -> str:
        """What a caller is answered; it fails where the answer is another one than is meant."""
        answer = await self.channels.cared.call("GET", path, **claims)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.text

    async def pulled(self, kind: str) -> str:
        """What a secret address says."""
        answer = await self.channels.pull(self.addresses[kind])
        assert answer.status_code == 200, f"{kind}: {answer.status_code} {answer.text}"
        return answer.text.replace("\r\n ", "")

    async def noticed(self) -> None:
        """A worker who has nothing to do with her opens her record, and every rule that can notices it."""
        await self.get(f"/v1/episodes/{self.episode}", subject="curious")
        usual = load()
        rules = [each.model_copy(update={"above": 0}) for each in usual.rules]
        told = usual.model_copy(update={"rules": rules, "night": Night(begins=0, ends=23)})
        judge = Judge(self.channels.cared.care.pool, told, lambda: clock.today() + timedelta(days=2))
        assert await judge.once()

    async def hers(self, path: str, status: int) -> str:
        """What she is answered on her own page."""
        issuer, http = self.channels.cared.world.issuer, self.channels.cared.world.http
        token = issuer.issue(subject=f"own:{self.episode}", roles=["citizen"], purpose="own-data")
        answer = await http.get(f"/v1/me/episode{path}", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.text

    async def seen(self, of_hers: int = 200) -> dict[str, str]:
        """Everything that every channel says now. `of_hers`: the status of what is about her alone."""
        cared = self.channels.cared
        elsewhere: dict[str, Any] = {"facility": DONGMING}
        measures = Measures(cared.care.pool, MEASURES)
        metrics = await said(b"GET /metrics HTTP/1.1\r\n\r\n", measures.registry, measures.refresh)
        log = await cared.care.pool.fetch("SELECT l::text AS row FROM access_log l")
        administrator = {"subject": "admin", "roles": ["administrator"], "purpose": None, "facility": None}
        token = cared.world.issuer.issue(**administrator)  # type: ignore[arg-type] # its claims
        overview = await cared.world.http.get("/v1/overview", headers={"authorization": f"Bearer {token}"})
        assert overview.status_code == 200, overview.text
        return {
            "care record": await self.get(f"/v1/episodes/{self.episode}", of_hers),
            "care record page": await self.get(f"/episodes/{self.episode}", of_hers),
            "worklist": await self.get("/v1/worklist"),
            "worklist page": await self.get("/worklist"),
            "feed": await self.get("/v1/feed?limit=1000"),
            "stream": "\n".join(self.streamed),
            "her own page": await self.hers("", of_hers),
            "her copy": await self.hers("/copy", of_hers),
            "her page of looks": await self.hers("/disclosures", of_hers),
            "secret feed": await self.pulled("feed"),
            "secret calendar": await self.pulled("calendar"),
            "webhook": "\n".join(f"{each.body!r} {each.headers}" for each in self.receiver.got),
            "webhook deliveries": str(await self.channels.sent()),
            "supervision": await self.get("/v1/supervision", **SUPERVISOR),
            "supervision page": await self.get("/supervision", **SUPERVISOR),
            "flags": await self.get("/v1/flags", **SUPERVISOR),
            "flags page": await self.get("/flags", **SUPERVISOR),
            "reports to supervisors": await self.get("/v1/task-reports", **SUPERVISOR),
            "overview": overview.text,
            "to look at": "\n".join([await self.get(f"/v1/episodes?needs={each.value}") for each in Need]),
            "to look at page": "\n".join([await self.get(f"/episodes?needs={each.value}") for each in Need]),
            "help asked for": await self.get("/v1/help-asked-for"),
            "help asked for page": await self.get("/asked"),
            "staff page": await self.get("/staff", **SUPERVISOR),
            "channels page": await self.get("/channels"),
            "channels page of supervisors": await self.get("/channels", **SUPERVISOR),
            "elsewhere: record": await self.get(f"/v1/episodes/{self.episode}", 404, **elsewhere),
            "elsewhere: to look at": "\n".join(
                [await self.get(f"/v1/episodes?needs={each.value}", **elsewhere) for each in Need]
            ),
            "elsewhere: worklist": await self.get("/v1/worklist", **elsewhere),
            "elsewhere: feed": await self.get("/v1/feed?limit=1000", **elsewhere),
            "elsewhere: offers": await self.get("/v1/handovers", **elsewhere),
            "metrics": metrics.decode(),
            "access log": "\n".join(row["row"] for row in log),
            "logs": "\n".join(
                each.getMessage() for each in self.caplog.records if each.name.partition(".")[0] not in CALLERS
            ),
        }

    def found(self, text: str) -> set[str]:
        """The fields whose canary stands in a text."""
        return {field for field, value in self.values.items() if value in text}


@asynccontextmanager
async def listening(channels: Channels, lines: list[str]) -> AsyncIterator[None]:
    """The facility's stream, read from its beginning on."""
    async with served(channels.cared.world.app) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        headers = channels.cared.world.token(LIUQUAN)

        async def read() -> None:
            async with client.stream("GET", "/v1/feed/stream", headers=headers) as stream:
                async for line in stream.aiter_lines():
                    lines.append(line)  # noqa: PERF401 — each is read while the stream goes on

        async with running(read()):
            yield


@asynccontextmanager
async def running(work: object) -> AsyncIterator[None]:
    """It runs until the block ends."""
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def matrix(
    channels: Channels,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Matrix]:
    """She is enrolled; a worker said that her task is wrong; every channel has told of it."""
    monkeypatch.setattr(feed_http, "COMMENT_EVERY", 0.2)
    caplog.set_level(logging.DEBUG)
    cared, lines = channels.cared, list[str]()
    body: Json = enrolment(cared.lmp, number=NUMBER)
    body["care"]["person"] |= {
        "name": WORDS["name"],
        "reach": [{"how": "phone", "value": WORDS["reach"]}],
        "avoid": [WORDS["avoid"]],
    }
    with structlog.testing.capture_logs() as entries:
        async with receiving(always(500)) as receiver, channels.sending(), listening(channels, lines):
            await channels.hook(receiver.url)
            episode = await cared.enrolled(body)
            (contact,) = await cared.contacts(episode, "open")
            wrong = {"wrong": "other", "note": WORDS["report"]}
            answer = await cared.call("POST", f"/v1/worklist/{contact['contact']}/wrong", wrong)
            assert answer.status_code == 204, answer.text
            await channels.digest()
            addresses = {kind: (await channels.address(kind))["url"] for kind in ("feed", "calendar")}
            await receiver.has(1)
            await until(lambda: any("event: entry" in line for line in lines), "the stream told of it")
            ids = {"episode": episode, "contact": contact["contact"], "lmp": cared.lmp.isoformat(), "number": NUMBER}
            found = Matrix(channels, receiver, episode, WORDS | ids, addresses, lines, caplog, capfd)
            await found.noticed()
            yield found
    out, err = capfd.readouterr()
    logged = f"{entries}{out}{err}"
    kept = WORDS | {"number": NUMBER}
    assert not [field for field, value in kept.items() if value in logged], "logs hold nothing of her"


async def test_every_channel_shows_the_fields_of_its_cell_and_nothing_else(matrix: Matrix) -> None:
    seen = await matrix.seen()
    assert seen.keys() == CELLS.keys()
    assert all(f'"{rule}"' in seen["flags"] for rule in ("many-opened", "many-without-act")), "supervisors read of them"
    assert {channel: matrix.found(text) for channel, text in seen.items()} == CELLS


async def test_no_table_holds_a_value_of_hers_that_can_be_read(matrix: Matrix) -> None:
    pool = matrix.channels.cared.care.pool
    size = 0
    for (table,) in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        rows = await pool.fetch(f'SELECT * FROM "{table}"')
        raw = b"\n".join(
            value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row.values()
        )
        size += len(raw)
        assert {field for field, value in matrix.values.items() if value.encode() in raw} <= READABLE, table
    assert size > 5_000


async def test_once_she_withdrew_use_stops_within_seconds_on_every_channel(matrix: Matrix) -> None:
    channels, cared = matrix.channels, matrix.channels.cared
    about = matrix.values["contact"][:18]  # what ids of entries about her begin with
    waiting = {str(row["entry_id"]) for row in await cared.care.pool.fetch(DELIVERIES)}
    waiting = {each for each in waiting if each.startswith(about)}
    assert waiting, "the webhook is tried again and again"
    began, told = time.monotonic(), len(matrix.streamed)
    answer = await cared.call("DELETE", f"/v1/episodes/{matrix.episode}/consent")
    assert answer.status_code == 204, answer.text
    (entry,) = await until(lambda: [each for each in matrix.streamed[told:] if '"closed"' in each], "told as closed")
    assert time.monotonic() - began < STOPS
    assert not matrix.found(entry.replace(matrix.values["contact"], "")), "that it is closed, and no more"
    await channels.digest(days=1)
    seen = await matrix.seen(of_hers=404)
    for channel, text in seen.items():
        may = (
            {"contact", "lmp"}
            if channel == "stream"
            else {"contact"}
            if channel == "feed"
            else {"episode"}
            if channel in ("access log", "care record page")  # that page names what was asked for, there or not
            else set()
        )
        assert matrix.found(text) <= may, channel
    assert '"many-without-act"' in seen["flags"], "what a worker did remains"
    assert '"withheld":true' in seen["feed"].replace(" ", "")
    assert '"today":0' in seen["feed"].replace(" ", ""), "the next digest counts her no more"
    await cared.on(cared.today + timedelta(days=30))
    left = {str(row["entry_id"]) for row in await cared.care.pool.fetch(DELIVERIES)}
    assert not waiting & left, "what waited is not tried again"
