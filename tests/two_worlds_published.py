"""What a world publishes beside its answers: every topic of a broker with all that is in it, and every /metrics."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx
import msgspec
from pydantic import SecretStr

from deploy.tenfold.running import measured
from services.alerts.reconciliation.checks import reconciler
from services.exchange.feeds.names import SHARING, department_feed
from services.exchange.intake.journal import FEED, PARTITIONS, Journal
from services.exchange.kafka import run_edges
from services.exchange.measures.repository import MEASURES as OF_EXCHANGE
from services.registry.facts.told import CARE_FEED, CHANGES
from services.registry.measures.repository import MEASURES as OF_REGISTRY
from shared.app import Service
from shared.auth.caller import DEPARTMENTS
from shared.kafka.administering import administering
from shared.kafka.calls import whole
from shared.kafka.consumer import TopicReader
from shared.kafka.feed_records import cursor_of
from shared.kafka.internal import publish_feeds
from shared.kafka.relay import Source
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import feed_topic, internal_topic, last_record
from shared.kafka.values import Record
from shared.metrics.gauges import Measure, Measures
from shared.metrics.serving import said
from shared.settings import Settings
from tests.alerts_world import served
from tests.care_world import CareWorld
from tests.departments_world import Line, caller_of
from tests.line import free_port_base, until
from tests.registry_world import CloudEvent, LookUpWorld

HEADS: Final = "SELECT feed, partition, position FROM feed_head WHERE position > 0"
HEARD: Final = "SELECT position FROM feed_cursor WHERE feed = 'care'"


@dataclass
class Published:
    """One world beside a broker; the names of its topics begin with `prefix`."""

    kafka: KafkaSettings
    prefix: str
    line: Line
    lookups: LookUpWorld
    cared: CareWorld

    async def seen(self, last: CloudEvent) -> AsyncIterator[tuple[str, str]]:
        """Everything of the world is published while the worker of alerts itself runs; one more event passes through
        the broker to it. Then what every topic holds, and what each process says at /metrics."""
        before = await names(self.kafka)
        async with caller_of(self.lookups.app, self.lookups.issuer, "alerts") as registry:
            await reconciler(self.cared.world.alerts.service, registry.fetch).once()
        async with self.publishing(), self.worker_of_alerts() as alerts_metrics:
            await self.line.report(last)
            await until(self.alerts_heard, "alerts hears of it through its topic")
            topics = await until(self.complete, "topics hold what feeds hold", 120)
            yield "alerts /metrics", await scraped(alerts_metrics)
        for service, measures in ((self.line.exchange.service, OF_EXCHANGE), (self.line.registry.service, OF_REGISTRY)):
            yield "worker /metrics", await figures(service, measures)
        here = await names(self.kafka) - before
        yield "topics", str(sorted(here))
        assert set(topics) <= here, "what is complete is there"
        for topic in sorted(here):
            partitions, records = await self.all_of(topic)
            yield "topic", f"{topic}: {partitions} partitions"
            for record in records:
                yield "record", f"{topic} {self.shown(topic, record)}"

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[None]:
        """The parts of the workers of exchange and registry that fill topics."""
        exchange, registry = self.line.exchange.service, self.line.registry.service
        for service in (exchange, registry):
            on_topics(service.settings, self.kafka, self.prefix)
        journal = Journal(exchange.pool, exchange.ring)
        told = [*(Source(journal, FEED, each) for each in range(PARTITIONS)), Source(exchange.feeds, SHARING)]
        async with tasks(
            publish_feeds(exchange, self.kafka, told),
            publish_feeds(registry, self.kafka, [Source(registry.feeds, each) for each in (CHANGES, CARE_FEED)]),
            run_edges(exchange, self.kafka),
        ):
            yield

    @asynccontextmanager
    async def worker_of_alerts(self) -> AsyncIterator[int]:
        """The whole worker, as its process runs it; the port of its /metrics."""
        port = free_port_base()
        token = self.lookups.issuer.issue(subject="alerts", service="alerts")
        async with served(self.lookups.app) as url:
            told = {"registry_url": url, "service_token": SecretStr(token), "metrics_port": port}
            settings = self.cared.world.alerts.service.settings.model_copy(update=told)
            on_topics(settings, self.kafka, self.prefix)
            async with tasks(measured("alerts", settings)):
                yield port

    async def alerts_heard(self) -> bool:
        """Whether alerts stands at the head of the registry's feed."""
        head = {row["feed"]: row["position"] for row in await self.line.registry.service.pool.fetch(HEADS)}
        return bool(await self.cared.care.pool.fetchval(HEARD) == head[CARE_FEED])

    async def complete(self) -> Sequence[str]:
        """The topics of feeds that hold anything, once each ends where its feed does."""
        departments = {department_feed(each): feed_topic(each, self.prefix) for each in DEPARTMENTS}
        here, found = await names(self.kafka), []
        for service in (self.line.exchange.service, self.line.registry.service):
            for feed, partition, position in await service.pool.fetch(HEADS):
                topic = internal_topic(feed, self.prefix) if feed in KEYS else departments[feed]
                if topic in here:
                    last = cursor_of(await last_record(self.kafka, topic, partition))
                    if last is None or last.position < position:
                        return []
                    found.append(topic)
        return found

    async def all_of(self, topic: str) -> tuple[int, list[Record]]:
        """How many partitions a topic has, and every record of it, by partition and offset."""
        async with administering(self.kafka) as admin:
            (described,) = await whole(admin.describe_topics([topic]))
        partitions = [each["partition"] for each in described["partitions"]]
        ends = [last for each in partitions if (last := await last_record(self.kafka, topic, each))]
        awaited = {(last.partition, last.offset) for last in ends}
        records: list[Record] = []
        async with TopicReader(self.kafka, topic, {}) as reader:

            async def read() -> bool:
                records.extend(await reader.read_batch(timeout=0.2))
                return awaited <= {(each.partition, each.offset) for each in records}

            await until(read, f"all of {topic}")
        return len(partitions), sorted(records, key=lambda each: (each.partition, each.offset))

    def shown(self, topic: str, record: Record) -> str:
        """A record with its key and headers; one that services sealed for each other, as it is once opened."""
        value: object = record.value
        feed = topic.removeprefix(internal_topic("", self.prefix))
        if feed != topic:
            ring = (self.line.registry if feed in (CHANGES, CARE_FEED) else self.line.exchange).service.ring
            opened = Sealed(ring, KEYS[feed], feed, record.partition).read(record)
            assert opened is not None, "a topic holds what its relay sealed, and nothing else"
            # What a broker can tell of a sealed record is its size.
            value = f"{len(record.value or b'')} bytes: {msgspec.json.encode(opened.entry).decode()}"
        return f"{record.partition}/{record.offset} {record.key!r} {record.headers} {value!r}"


def on_topics(settings: Settings, kafka: KafkaSettings, prefix: str) -> None:
    """Let a service publish and follow through the broker."""
    settings.kafka_bootstrap, settings.kafka_topics, settings.kafka_internal_feeds = kafka.bootstrap, prefix, True


async def names(kafka: KafkaSettings) -> set[str]:
    """The names of all topics there are."""
    async with administering(kafka) as admin:
        return set(await whole(admin.list_topics()))


async def scraped(port: int) -> str:
    """What a process says at /metrics."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/metrics")
    return untimed(answer.text)


async def figures(service: Service, measures: Sequence[Measure]) -> str:
    """What the worker of a service says at /metrics, beside its figures of the database."""
    told = Measures(service.pool, measures)
    answer = await said(b"GET /metrics HTTP/1.1\r\n\r\n", told.registry, told.refresh)
    return untimed(answer.decode())


def untimed(text: str) -> str:
    """Without the instants at which counters began, and the length that they give an answer."""
    kept = [line for line in text.splitlines() if "_created" not in line and not line.startswith("content-length")]
    return "\n".join(kept)


@asynccontextmanager
async def tasks(*running: object) -> AsyncIterator[None]:
    """These run until the block ends; none may end by itself."""
    begun = [asyncio.ensure_future(each) for each in running]  # type: ignore[call-overload]
    try:
        yield
        for each in begun:
            assert not each.done(), each.exception()
    finally:
        for each in begun:
            each.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
