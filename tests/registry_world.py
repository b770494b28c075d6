"""A registry under test: told CloudEvents as the exchange would tell them, asked what it holds."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import httpx
import msgspec
from fastapi import FastAPI

from services.registry.app import create_app, ensure_feeds
from services.registry.facts.handlers import Folding
from services.registry.facts.state import PersonState, canonical
from services.registry.facts.values import Mention
from services.registry.folding import folding_of
from services.registry.keys import OWN_KEYS
from services.registry.sharing.handlers import Sharing
from shared.app import Service, open_service
from shared.auth.issuer import Issuer
from shared.contracts.catalogue import CATALOGUE, full_type
from shared.contracts.judge import judge
from shared.crypto.keyring import KeyRing
from shared.crypto.references import mint
from shared.db import transaction
from shared.feed.follow import Again, FeedEntry
from shared.settings import PROVISIONING, Settings
from shared.sharing.agreements import Agreements
from shared.sharing.departments import Departments
from tests.histories import START

CloudEvent = dict[str, Any]
RECEIPTS = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
SOURCES = {each.name: each.sources[0] for each in Departments.load(PROVISIONING).all() if each.sources}
PURPOSE = {
    "public-security": "household-registration",
    "health": "vital-registration",
    "civil-affairs": "vital-registration",
    "education": "school-planning",
    "statistics": "statistics",
}


def says(
    name: str,
    id_: str,
    data: Mapping[str, Any],
    on: str = "2024-01-15",
    *,
    action: str = "created",
    of: str | None = None,
    of_source: str | None = None,
    minute: int = 0,
    department: str | None = None,
) -> CloudEvent:
    """A CloudEvent as its department reports it. `of`: the id it supersedes; `minute`: when it was said."""
    department = department or min(CATALOGUE[full_type(name)].reporters)
    source = SOURCES[department]
    superseding = {"supersedes": {"source": of_source or source, "id": of}} if of else {}
    return {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": full_type(name),
        "subject": f"record-{id_}",
        "time": (START + timedelta(minutes=minute)).isoformat(),
        "data": {"effective_on": on, **data, "action": action, **superseding},
    }


def department_of(event: CloudEvent) -> str:
    """Who reports it."""
    department: str = event["source"].split(":")[2]
    return department


def receipt_of(event: CloudEvent) -> UUID:
    """The receipt that tests give an event: the same for every repetition, as the journal does."""
    return uuid5(RECEIPTS, f"{event['source']} {event['id']}")


def entry_of(event: CloudEvent, position: int = 1) -> FeedEntry:
    """An entry of `vital-events`: judged and canonical, as the journal tells it."""
    department = department_of(event)
    judged = judge(event, department)
    body = b'{"department":"%s","event":%s}' % (department.encode(), judged.canonical)
    return FeedEntry(position, receipt_of(event), START, msgspec.Raw(body))


def settings_for(url: str, folder: Path, issuer: Issuer) -> Settings:
    """Settings of a registry with this database; keys in `folder`, made when they are missing."""
    KeyRing.create(folder / "registry.keys", OWN_KEYS)
    return Settings(database_url=url, keys_file=folder / "registry.keys", jwks_file=issuer.public_jwks_path)


@dataclass
class RegistryWorld:
    """A registry's database with its fold."""

    service: Service
    folding: Folding

    async def apply(self, *events: CloudEvent) -> None:
        """Feed one page of events, in one transaction; tried again where the follower would."""
        await self.handle([entry_of(event) for event in events])

    async def handle(self, entries: Sequence[FeedEntry]) -> None:
        """Handle one page, as the follower does but for its cursor."""
        while True:
            try:
                async with transaction(self.service.pool) as connection:
                    return await self.folding.handle(connection, entries)
            except (Again, asyncpg.DeadlockDetectedError):
                continue

    async def together(self, *pages: Iterable[CloudEvent]) -> None:
        """Apply several pages at the same time, each in its own transaction."""
        async with asyncio.TaskGroup() as tasks:
            for page in pages:
                tasks.create_task(self.apply(*page))

    async def people(self) -> tuple[dict[UUID, PersonState], dict[Mention, UUID]]:
        """Everyone of whom something counts, as stored, and to whom each source record is linked."""
        pool, vault = self.service.pool, self.folding.vault
        rows = await pool.fetch("SELECT person_id, state FROM person WHERE merged_into IS NULL")
        linked = await pool.fetch(
            "SELECT e.source, e.id, f.role, f.person_id FROM fact f JOIN vital_event e USING (receipt)"
        )
        states = {row["person_id"]: vault.open_state(row["person_id"], row["state"]) for row in rows}
        return states, {(row["source"], row["id"], row["role"]): row["person_id"] for row in linked}

    async def states(self, dead: Iterable[tuple[str, str]] = ()) -> dict[Mention, PersonState]:
        """Canonical states by the smallest source record that counts; `dead`: the events that do not."""
        states, links = await self.people()
        gone = set(dead)
        links = {mention: person for mention, person in links.items() if mention[:2] not in gone}
        return canonical({person: states[person] for person in set(links.values())}, links)

    async def named(self, name: str) -> PersonState:
        """The one person of that name."""
        states, _ = await self.people()
        (found,) = [state for state in states.values() if state.name == name]
        return found

    async def told(self, feed: str = "changes", kind: str | None = None) -> list[dict[str, Any]]:
        """What was told, in order."""
        async with self.service.pool.acquire() as connection:
            page = await self.service.feeds.read(connection, feed, 0, None, 100_000)
        bodies = [msgspec.json.decode(entry.body or b"null") for entry in page.entries]
        return [body for body in bodies if kind in (None, body["kind"])]

    async def outcomes(self, event: CloudEvent) -> list[tuple[str, str | None]]:
        """What the reporter of an event heard, in order: (status, reason)."""
        receipt = str(receipt_of(event))
        return [(o["status"], o["reason"]) for o in await self.told(kind="outcome") if o["receipt"] == receipt]

    async def reference(self, department: str, event: CloudEvent, role: str = "person") -> str:
        """The department's reference of whom an event mentions."""
        person = await self.service.pool.fetchval(
            "SELECT person_id FROM fact JOIN vital_event USING (receipt) WHERE (source, id, role) = ($1, $2, $3)",
            event["source"],
            event["id"],
            role,
        )
        return mint(self.service.ring, department, person)

    async def now(self) -> datetime:
        """The database's instant, between two recordings."""
        instant: datetime = await self.service.pool.fetchval("SELECT clock_timestamp()")
        return instant

    async def count(self, table: str) -> int:
        """Rows of a table."""
        rows: int = await self.service.pool.fetchval(f"SELECT count(*) FROM {table}")
        return rows


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[RegistryWorld]:
    """Open a registry; the same as a worker does."""
    service = await open_service(settings)
    await ensure_feeds(service)
    yield RegistryWorld(service, folding_of(service))
    await service.pool.close()


@dataclass
class LookUpWorld:
    """Callers of the registry's API."""

    app: FastAPI
    http: httpx.AsyncClient
    issuer: Issuer

    def token(self, department: str, purpose: str | None = "", *roles: str) -> str:
        """A bearer for an official; the purpose is the department's usual one unless given."""
        return self.issuer.issue(
            subject="official-7",
            department=department,
            roles=roles or ("clerk",),
            purpose=PURPOSE.get(department, "service-delivery") if purpose == "" else purpose,
        )

    async def get(self, path: str, department: str, purpose: str | None = "", **query: object) -> httpx.Response:
        """GET as an official of the department."""
        headers = {"authorization": f"Bearer {self.token(department, purpose)}"}
        asked = {k: v.isoformat() if isinstance(v, datetime) else str(v) for k, v in query.items()}
        return await self.http.get(path, params=asked, headers=headers)

    async def search(self, identifier: Mapping[str, str], department: str, purpose: str | None = "") -> httpx.Response:
        """Search by identifier as an official of the department."""
        headers = {"authorization": f"Bearer {self.token(department, purpose)}"}
        return await self.http.post("/v1/people/search", json={"identifier": dict(identifier)}, headers=headers)


def agreements_told(provisioning: Path) -> list[FeedEntry]:
    """What the exchange tells of the agreements it was provisioned with."""
    told = [
        {"kind": "agreement", "identifier": each.identifier, "status": "in-force", "agreement": each.model_dump()}
        for each in Agreements.load(provisioning)
    ]
    return [FeedEntry(n, uuid4(), START, msgspec.Raw(msgspec.json.encode(each))) for n, each in enumerate(told, 1)]


@asynccontextmanager
async def looking_up(registry: RegistryWorld, issuer: Issuer) -> AsyncIterator[LookUpWorld]:
    """Run the API over the same database and keys, told of the provisioned agreements as the exchange tells them."""
    async with transaction(registry.service.pool) as connection:
        await Sharing(registry.folding).handle(connection, agreements_told(registry.service.settings.provisioning))
    app = create_app(registry.service.settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://registry") as http,
    ):
        yield LookUpWorld(app, http, issuer)
