"""The whole line without a network: departments report to the exchange, the registry folds, departments follow."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from services.exchange.distribution.handlers import Distribution
from services.registry.app import create_app
from services.registry.people.given import tell_given
from services.registry.retelling.handlers import retell
from services.registry.sharing.agreements import settle
from services.registry.sharing.handlers import Sharing
from shared.app import Service
from shared.auth.caller import DEPARTMENTS
from shared.auth.issuer import Issuer
from shared.client import Client
from shared.crypto.references import read
from shared.feed.follow import Follower
from tests.exchange_world import Exchange
from tests.registry_world import CloudEvent, RegistryWorld, department_of

Json = dict[str, Any]


@dataclass
class Line:
    """Exchange and registry with the followers between them."""

    exchange: Exchange
    registry: RegistryWorld
    folding: list[Follower]
    sharing: Follower
    distributing: Follower

    async def report(self, *events: CloudEvent) -> None:
        """Report events, each as its department, and let the line come to rest."""
        for event in events:
            answer = await self.exchange.post(event, department_of(event))
            assert answer.status_code in (200, 202), answer.text
        await self.rest()

    async def rest(self) -> None:
        """Follow until nothing is left."""
        folding, ours = self.registry.folding, self.registry.service
        await tell_given(ours.pool, ours.feeds, folding.vault, folding.telling)
        while True:
            steps = [await follower.step() for follower in [*self.folding, self.sharing, self.distributing]]
            told = await retell(ours.pool, ours.feeds, folding.vault, folding.telling)
            if not sum(steps) and told is None:
                break
        for service in (self.exchange.service, self.registry.service):
            assert await service.pool.fetchval("SELECT count(*) FROM parked") == 0

    async def feed_bytes(self, department: str) -> bytes:
        """Everything a department can read from its own feed."""
        headers = self.exchange.headers(department)
        answer = await self.exchange.http.get("/v1/feed", params={"limit": "1000"}, headers=headers)
        assert answer.status_code == 200
        return answer.content

    async def feed(self, department: str, name: str | None = None) -> list[Json]:
        """The CloudEvents of a department's feed, in order, without what is withheld."""
        headers = self.exchange.headers(department)
        answer = await self.exchange.http.get("/v1/feed", params={"limit": "1000"}, headers=headers)
        told: list[Json] = [entry["data"] for entry in answer.json()["entries"] if "data" in entry]
        return [each for each in told if name is None or each["type"] == f"cn.tenfold.{name}.v1"]

    async def receipts(self, department: str) -> bytes:
        """Everything a department can read of its receipts."""
        answer = await self.exchange.http.get("/v1/receipts?limit=1000", headers=self.exchange.headers(department))
        assert answer.status_code == 200
        return answer.content

    async def open_case(self, department: str, reference: str) -> None:
        """A case that stands for every purpose, by the tables: in the exchange as if opened by reporting, which the
        registry knows as one by call."""
        person = read(self.registry.service.ring, department, reference)
        await self.registry.service.pool.execute(
            "INSERT INTO called_case (case_id, department, person_id, purpose, agreement, until)"
            " VALUES (gen_random_uuid(), $1, $2, 'none', 'none', '2999-12-31')",
            department,
            person,
        )
        await self.exchange.service.pool.execute(
            "INSERT INTO department_case (department, reference, opened_by, opened_at)"
            " VALUES ($1, $2, $3, '2000-01-01') ON CONFLICT DO NOTHING",
            department,
            reference,
            UUID(int=1),
        )


@asynccontextmanager
async def lined_up(exchange: Exchange, registry: RegistryWorld, issuer: Issuer) -> AsyncIterator[Line]:
    """Put exchange and registry in line. Close it before the two."""
    told = create_app(registry.service.settings)
    distribution = Distribution(exchange.service.feeds, exchange.app.state.agreements, sorted(DEPARTMENTS))
    ours, theirs = registry.service, exchange.service
    async with (
        told.router.lifespan_context(told),
        caller_of(exchange.app, issuer, "registry") as of_exchange,
        caller_of(told, issuer, "exchange") as of_registry,
    ):
        folding = [
            Follower("vital-events", partition, of_exchange.fetch, ours.pool, ours.ring, registry.folding.handle)
            for partition in range(5)
        ]
        handle = Sharing(registry.folding).handle
        sharing = Follower("sharing", 0, of_exchange.fetch, ours.pool, ours.ring, handle, at_head=settle)
        await sharing.step()
        while await retell(ours.pool, ours.feeds, registry.folding.vault, registry.folding.telling) is not None:
            pass  # the provisioned agreements came into force before there was anybody
        yield Line(exchange, registry, folding, sharing, follower_of(theirs, of_registry, distribution))


def follower_of(service: Service, registry: Client, distribution: Distribution) -> Follower:
    """The exchange's follower of the registry's changes."""
    return Follower("changes", 0, registry.fetch, service.pool, service.ring, distribution.handle)


@asynccontextmanager
async def caller_of(app: Any, issuer: Issuer, service: str) -> AsyncIterator[Client]:
    """A client of an application in this process, as another service."""
    token = issuer.issue(subject=service, service=service)
    async with Client("http://inside", token) as client:
        outside = client.http
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside", auth=outside.auth) as client.http:
            yield client
        client.http = outside
