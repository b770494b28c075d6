"""Nine months of care, played against the service's own API on a date that is set, one day after the other."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import uvicorn

from deploy.tenfold.care.women import DAYS, WOMEN, Woman
from deploy.tenfold.embedded import EmbeddedPostgres
from services.alerts.app import create_app
from services.alerts.contacts.passing import let_days_pass
from services.alerts.episodes.looking import look
from services.alerts.episodes.restoring import sweep
from services.alerts.facilities.provisioned import first_staff
from services.alerts.keys import OWN_KEYS, SHARED_KEYS
from services.alerts.state import Alerts
from shared.auth.issuer import Issuer
from shared.client import Client
from shared.crypto.keyring import KeyRing
from shared.migrate import upgrade
from shared.settings import Settings

HERE, THERE = "H370102011", "H370102012"
NURSE, DOCTOR, NEXT = "nurse.liu", "doctor.wang", "nurse.zhao"
TEXT: Final = {"text": "care", "version": "2026-01", "language": "zh", "channel": "in-person-written"}
AGREED: Final = {"version": "2026-01", "language": "zh", "channel": "in-person-written"}
SHOWN: Final = ("opened", "overdue", "missed", "moved-here")
NOBODY: Final = ("", "", "")
BY_THE_BIRTH = "ask-about-birth"  # over when the birth is recorded, not before


@dataclass(frozen=True)
class Transition:
    """One entry of a facility's feed, with what its staff may read beside it."""

    day: date
    facility: str
    kind: str
    who: str
    title: str
    reason: str


@dataclass
class Played:
    """What came of it."""

    transitions: list[Transition] = field(default_factory=list)
    repeated: int = 0
    withheld: int = 0
    readable: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> Counter[str]:
        """Transitions by kind."""
        return Counter(each.kind for each in self.transitions)


class Clinic:
    """The staff of two facilities, and the service between them."""

    def __init__(self, alerts: Alerts, clients: dict[str, Client], first: date) -> None:
        self.alerts, self.clients, self.first, self.today = alerts, clients, first, first
        self.episodes: dict[Woman, str] = {}
        self.at: dict[Woman, str] = {}
        self.tasks: dict[str, tuple[str, str, str]] = {}
        self.contacts: dict[Woman, list[dict[str, Any]]] = {}
        self.after: dict[str, str | None] = {HERE: None, THERE: None}
        self.born: set[Woman] = set()
        self.done: Counter[Woman] = Counter()
        self.seen: set[tuple[str, str, str, str]] = set()
        self.played = Played()

    async def play(self, tell: Callable[[Transition], None], progress: Callable[[int], None]) -> Played:
        """Enrol everybody, then let the days pass."""
        for woman in WOMEN:
            await self.enrol(woman)
        for day in range(DAYS):
            self.today = self.first + timedelta(days=day)
            await self.pass_day()
            await self.hear_all(tell)
            for woman in WOMEN:
                if woman in self.episodes:
                    await self.live(woman)
            await self.hear_all(tell)
            progress(day + 1)
        await self.look_back()
        return self.played

    async def pass_day(self) -> None:
        """What the worker of alerts does when it looks at the date."""
        care = self.alerts.care
        await sweep(care, 0)
        while await look(care) or await self.alerts.moving.let_stays_end() or await let_days_pass(care):
            pass

    async def enrol(self, woman: Woman) -> None:
        """She is in front of the nurse, and agrees."""
        care = {"person": {"name": woman.name}, "dating": woman.dating(self.first), "multiple": woman.children > 1}
        body = {"request": f"care-demo-{woman.weeks}-{len(self.episodes)}", "state": "given", "consent": TEXT}
        made = await self.clients[NURSE].post("/v1/episodes", body | {"care": care})
        self.episodes[woman], self.at[woman] = made["episode"], HERE

    async def live(self, woman: Woman) -> None:
        """What happens to her today."""
        nurse = self.clients[NURSE if self.at[woman] == HERE else NEXT]
        path = f"/v1/episodes/{self.episodes[woman]}"
        await self.come(woman, nurse, path)
        if woman.risk_at and self.today == woman.week(self.first, woman.risk_at):
            await self.clients[DOCTOR].post(f"{path}/risk", {"level": "red", "infection": True})
        if woman.paused and self.today in [woman.week(self.first, week) for week in woman.paused]:
            begins = self.today == woman.week(self.first, woman.paused[0])
            await act(nurse, f"{path}/{'pause' if begins else 'resume'}")
        if woman.moves_at and self.today == woman.week(self.first, woman.moves_at):
            offered = await nurse.post(f"{path}/handover", {"to": THERE, "agreed": AGREED})
            await self.clients[NEXT].post(f"/v1/handovers/{offered['id']}/accept")
            self.at[woman] = THERE
        if woman.ends_at and self.today == woman.week(self.first, woman.ends_at):
            await act(nurse, f"{path}/end", {"because": "told to the care team alone"})
            del self.episodes[woman]
        elif woman.withdraws_at and self.today == woman.week(self.first, woman.withdraws_at):
            answer = await nurse.http.delete(f"{path}/consent")
            answer.raise_for_status()
        elif woman not in self.born and self.today >= woman.week(self.first, woman.born_after):
            self.born.add(woman)
            children = [{"number": n, "born_on": str(self.today)} for n in range(1, woman.children + 1)]
            told = {"delivered_on": str(self.today), "discharged_on": str(self.today), "children": children}
            await nurse.post(f"{path}/delivery", told)
        if woman.withdraws_at and self.today == woman.week(self.first, woman.withdraws_at):
            if (await nurse.http.get(path)).is_success:
                self.played.readable.append(woman.name)
            del self.episodes[woman]

    async def read(self, woman: Woman) -> None:
        """Her contacts, read by the facility that has the duty."""
        nurse = self.clients[NURSE if self.at[woman] == HERE else NEXT]
        self.contacts[woman] = (await nurse.get(f"/v1/episodes/{self.episodes[woman]}"))["contacts"]
        for each in self.contacts[woman]:
            title, clause = each["reason"]["title"], each["reason"]["clause"]
            self.tasks[each["contact"]] = (woman.name, f"{title['zh']} {title['en']}", f"{clause['zh']} {clause['en']}")

    async def read_all(self) -> None:
        """Read everybody's: something new was announced."""
        for woman in self.episodes:
            await self.read(woman)

    async def come(self, woman: Woman, nurse: Client, path: str) -> None:
        """She comes to what is open, when she does."""
        for each in self.contacts.get(woman, ()):
            if woman.keeps is None or each["code"] == BY_THE_BIRTH or each["state"] not in ("open", "overdue"):
                continue
            wanted = date.fromisoformat(each["opens_on"]) + timedelta(days=woman.keeps)
            if self.today < wanted and self.today < date.fromisoformat(each["closes_on"]):
                continue
            number = self.done[woman] + 1
            if number in woman.skips:
                if self.today == date.fromisoformat(each["closes_on"]):
                    self.done[woman] += 1
                continue
            self.done[woman] += 1
            kind = "declined" if number in woman.declines else "done"
            await nurse.post(f"{path}/contacts/{each['contact']}/outcome", {"kind": kind})
            each["state"] = "closed"

    async def hear_all(self, tell: Callable[[Transition], None]) -> None:
        """Hear both facilities' feeds."""
        for facility in self.after:
            for transition in await self.hear(facility):
                tell(transition)

    async def hear(self, facility: str) -> list[Transition]:
        """What the facility's feed says that was not heard yet, each once."""
        reader = self.clients[NURSE if facility == HERE else NEXT]
        query: dict[str, str | int] = {"limit": 1000}
        if (after := self.after[facility]) is not None:
            query["after"] = after
        page = await reader.get("/v1/feed", **query)
        self.after[facility] = page["next_after"]
        heard = []
        news = [entry["data"] for entry in page["entries"] if "contact" in entry.get("data", {})]
        if any(told["kind"] in SHOWN for told in news):
            await self.read_all()
        for told in news:
            key = (facility, told["contact"], told["kind"], told["on"])
            self.played.repeated += key in self.seen
            self.seen.add(key)
            known = self.tasks.get(told["contact"], NOBODY) if told["kind"] in SHOWN else NOBODY
            heard.append(Transition(date.fromisoformat(told["on"]), facility, told["kind"], *known))
        self.played.transitions += heard
        return heard

    async def look_back(self) -> None:
        """Read both feeds from their beginning: what a withdrawal erased is not to be read any more."""
        for reader in (NURSE, NEXT):
            after: str | None = None
            while True:
                page = await self.clients[reader].get("/v1/feed", limit=1000, **({"after": after} if after else {}))
                self.played.withheld += sum("data" not in entry for entry in page["entries"])
                if len(page["entries"]) < 1000:
                    break
                after = page["next_after"]


async def act(client: Client, path: str, body: dict[str, str] | None = None) -> None:
    """POST what is answered without a body."""
    (await client.http.post(path, json=body)).raise_for_status()


@asynccontextmanager
async def clinic(folder: Path, first: date) -> AsyncIterator[Clinic]:
    """The service on a port of this machine, with a database and keys of its own."""
    issuer = Issuer.open(folder / "issuer")
    KeyRing.create(folder / "alerts.keys", (*OWN_KEYS, *SHARED_KEYS))
    with EmbeddedPostgres(folder / "postgres", durable=False) as server:
        await asyncio.to_thread(server.ensure_database, "alerts")
        await asyncio.to_thread(upgrade, "alerts", server.dsn("alerts"))
        app = create_app(
            Settings(
                environment="development",
                database_url=server.dsn("alerts"),
                keys_file=folder / "alerts.keys",
                jwks_file=issuer.public_jwks_path,
            )
        )
        async with app.router.lifespan_context(app), served(app) as url:
            held: list[Clinic] = []
            app.state.alerts = alerts = Alerts.of(app.state.service, lambda: held[0].today if held else first)
            await alerts.staff.provision(first_staff(Path(__file__).parent, alerts.facilities))
            clients = {
                name: Client(url, issuer.issue(subject=name, roles=[role], purpose="care", facility=facility))
                for name, role, facility in (
                    (NURSE, "care-worker", HERE),
                    (DOCTOR, "care-worker", HERE),
                    (NEXT, "care-worker", THERE),
                )
            }
            async with clients[NURSE], clients[DOCTOR], clients[NEXT]:
                held.append(Clinic(alerts, clients, first))
                yield held[0]


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The application on a free port of loopback."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 — uvicorn gives no event to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


def as_json(played: Played) -> str:
    """One line for programs."""
    return json.dumps(
        {
            "transitions": dict(sorted(played.kinds.items())),
            "repeated": played.repeated,
            "withheld": played.withheld,
            "readable_after_withdrawal": len(played.readable),
        }
    )
