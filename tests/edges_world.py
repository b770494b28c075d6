"""Exchange and registry with their workers in this process, beside a real broker; topics with a prefix of their own."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from pydantic import SecretStr

from deploy.kafka.broker import Broker
from deploy.tenfold.county import generate, registrations
from services.exchange import app as exchange
from services.exchange import worker as exchange_worker
from services.exchange.keys import OWN_KEYS as EXCHANGE_KEYS
from services.exchange.keys import SHARED_KEYS
from services.registry import app as registry
from services.registry import worker as registry_worker
from services.registry.keys import OWN_KEYS as REGISTRY_KEYS
from shared.auth.issuer import Issuer
from shared.client import Client
from shared.crypto.keyring import KeyRing
from shared.db import Pool
from shared.kafka.consumer import TopicReader
from shared.kafka.feed_records import cursor_of
from shared.kafka.follow import TopicFollower, over_http
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, ensure_topics, feed_topic, intake_topic
from shared.kafka.values import Headers, Message, Record, Sent
from shared.settings import BrokerSettings, Settings
from tests.alerts_world import served
from tests.conftest import Database
from tests.line import until

CLOUD_EVENTS = (("content-type", b"application/cloudevents+json"),)
SECURITY = "public-security"
Json = dict[str, Any]


def cloud_events(count: int) -> list[Json]:
    """That many household registrations, each of somebody else; ids differ from those of every other call."""
    run = uuid4().hex[:8]
    found = [dict(report.cloud_event) for report in registrations(generate(people=max(count, 50)))][:count]
    return [each | {"id": f"{run}-{each['id']}"} for each in found]


def structured(cloud_event: Json, headers: Headers = CLOUD_EVENTS) -> Message:
    """A message in structured mode."""
    return Message(json.dumps(cloud_event).encode(), headers=headers)


def binary(cloud_event: Json) -> Message:
    """A message in binary mode: attributes in `ce_` headers, data in the value."""
    attributes = {name: value for name, value in cloud_event.items() if name not in ("data", "datacontenttype")}
    headers = [(f"ce_{name}", str(value).encode()) for name, value in attributes.items()]
    data = json.dumps(cloud_event["data"]).encode()
    return Message(data, headers=(*headers, ("content-type", b"application/json")))


@dataclass
class Edges:
    """A running line with topics. `broker` may be disturbed when the test asked for the fragile one."""

    broker: Broker
    prefix: str
    url: str
    issuer: Issuer
    app: FastAPI
    exchange_settings: Settings
    pool: Pool
    working: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def kafka(self) -> KafkaSettings:
        """How a department connects."""
        return KafkaSettings(self.broker.bootstrap, client="department")

    def intake(self, department: str = SECURITY) -> str:
        """A department's intake topic."""
        return intake_topic(department, self.prefix)

    def feed(self, department: str = SECURITY) -> str:
        """A department's feed topic."""
        return feed_topic(department, self.prefix)

    def client(self, department: str = SECURITY) -> Client:
        """A department's client over HTTP."""
        token = self.issuer.issue(
            subject="test", department=department, roles=("reporter", "follower"), ttl=timedelta(hours=1)
        )
        return Client(self.url, token)

    async def produce(self, messages: Sequence[Message], department: str = SECURITY) -> list[Sent]:
        """Produce as a department does; the topic stands afterwards."""
        await ensure_topics(self.kafka, [Topic(self.intake(department), partitions=None)])
        async with TopicProducer(self.kafka) as producer:
            return await producer.send(self.intake(department), messages)

    async def told(self, department: str = SECURITY) -> list[Json]:
        """A department's feed over HTTP, checked for density."""
        entries: list[Json] = []
        async with self.client(department) as client:
            page: Json = await client.get("/v1/feed", limit=1000)
            while page["entries"]:
                entries += page["entries"]
                page = await client.get("/v1/feed", limit=1000, after=page["next_after"])
        assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
        return entries

    async def applied(self, department: str = SECURITY) -> dict[str, str]:
        """Receipts that the feed told to be applied, by event id; each must be told once."""
        data = [entry["data"]["data"] for entry in await self.told(department) if is_(entry, "receipt.changed")]
        assert len({each["receipt"] for each in data}) == len(data), "a receipt is told once"
        return {each["id"]: each["receipt"] for each in data if each["status"] == "applied"}

    async def all_applied(self, cloud_events: Sequence[Json], seconds: float = 60) -> dict[str, str]:
        """Wait until all these are applied; receipts by event id."""
        wanted = {each["id"] for each in cloud_events}

        async def done() -> dict[str, str] | None:
            applied = await self.applied()
            return applied if wanted <= applied.keys() else None

        found: dict[str, str] = await until(done, f"{len(wanted)} events applied", seconds)
        return found

    async def refused(self, department: str = SECURITY) -> dict[int, Json]:
        """What was answered about records of the intake topic, by offset; each once."""
        data = [entry["data"]["data"] for entry in await self.told(department) if is_(entry, "intake.refused")]
        assert all(each["topic"] == self.intake(department) for each in data)
        by_offset = {each["offset"]: each for each in data}
        assert len(by_offset) == len(data), "a record is answered once"
        return by_offset

    async def published(self, enough: Callable[[list[Record]], bool], department: str = SECURITY) -> list[Record]:
        """The feed topic from its beginning, until `enough` says so."""
        records: list[Record] = []
        async with TopicReader(self.kafka, self.feed(department), {}) as reader:

            async def read() -> bool:
                batch = await reader.read_batch(timeout=0.2)
                if batch.rewound:
                    records.clear()
                records.extend(batch)
                return enough(records)

            await until(read, f"{self.feed(department)} complete")
        return records

    async def published_all(self, department: str = SECURITY) -> list[Record]:
        """The feed topic from its beginning to the head of the feed."""
        head = len(await self.told(department))
        return await self.published(lambda records: head in positions(records), department)

    def follower(self, client: Client, department: str = SECURITY, **told: Any) -> TopicFollower:
        """A department's follower that stands at the beginning."""
        return TopicFollower(self.kafka, self.feed(department), over_http(client), None, **told)


def is_(entry: Json, name: str) -> bool:
    """Whether a feed entry is of a type."""
    return bool(entry["data"]["type"] == f"cn.tenfold.{name}.v1")


def positions(records: Sequence[Record]) -> list[int]:
    """The positions of a feed topic's records, in the topic's order."""
    found = [cursor_of(record) for record in records]
    return [each.position for each in found if each is not None]


@asynccontextmanager
async def running_edges(
    broker: Broker,
    database: Database,
    issuer: Issuer,
    folder: Path,
    connecting: Mapping[str, BrokerSettings] | None = None,
) -> AsyncIterator[Edges]:
    """Both services with API and worker, until the block ends. `connecting`: how each service reaches the broker, where
    its bare address for the exchange alone is not enough."""

    async def told(service: str, keys: Sequence[str], **more: Any) -> Settings:
        KeyRing.create(folder / f"{service}.keys", keys)
        token = issuer.issue(subject=service, service=service, ttl=timedelta(hours=1))
        return Settings(
            database_url=await database(service),
            keys_file=folder / f"{service}.keys",
            jwks_file=issuer.public_jwks_path,
            service_token=SecretStr(token),
            **more,
        )

    plain = BrokerSettings(kafka_bootstrap=broker.bootstrap, kafka_topics=f"test-{uuid4().hex[:8]}")
    reached = connecting or {"exchange": plain}
    mine = await told("exchange", EXCHANGE_KEYS, **reached["exchange"].model_dump(exclude_unset=True))
    more = reached["registry"].model_dump(exclude_unset=True) if "registry" in reached else {}
    theirs = await told("registry", REGISTRY_KEYS, **more)
    KeyRing.share(theirs.keys_file, mine.keys_file, SHARED_KEYS)
    async with AsyncExitStack() as stack:
        exchange_app, registry_app = exchange.create_app(mine), registry.create_app(theirs)
        for app in (exchange_app, registry_app):
            await stack.enter_async_context(app.router.lifespan_context(app))
        mine.exchange_url = theirs.exchange_url = await stack.enter_async_context(served(exchange_app))
        mine.registry_url = theirs.registry_url = await stack.enter_async_context(served(registry_app))
        edges = Edges(
            broker, mine.kafka_topics, mine.exchange_url, issuer, exchange_app, mine, exchange_app.state.service.pool
        )
        edges.working = [
            asyncio.create_task(exchange_worker.work(mine)),
            asyncio.create_task(registry_worker.work(theirs)),
        ]
        try:
            yield edges
            assert not [task for task in edges.working if task.done()], "a worker ended by itself"
        finally:
            for task in edges.working:
                task.cancel()
            await asyncio.gather(*edges.working, return_exceptions=True)
