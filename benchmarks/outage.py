"""What intake does while the registry is stopped and while the broker is dead, and whether all of it is caught up."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from benchmarks.intake import posted
from benchmarks.world import CaughtUp, Figure, chunks, encoded, events, line, median_rate, stopped, wires
from deploy.kafka.broker import Broker
from services.exchange.feeds.names import department_feed
from shared.kafka.feed_records import cursor_of
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import feed_topic, last_record
from tests.line import Line

SEEDS = count(80_000)
ROUND, BATCH, CLIENTS, REPEATS = 3_000, 1000, 3, 3
FOLLOWED = "public-security"  # its feed is published to a topic; the others have nothing to do with these events
PATIENCE = 100  # seconds to catch up

BEHIND = "SELECT (SELECT count(*) FROM journal) - (SELECT count(*) FROM outcome)"
HEAD = "SELECT position FROM feed_head WHERE feed = $1"


@asynccontextmanager
async def line_with_broker() -> AsyncIterator[tuple[Line, Broker]]:
    """A line, and the broker that it publishes to."""
    with TemporaryDirectory(prefix="tenfold-bench-kafka-") as folder:
        broker = Broker(Path(folder))
        await asyncio.to_thread(broker.start)
        try:
            async with line(kafka=broker.bootstrap) as running:
                yield running, broker
        finally:
            await asyncio.to_thread(broker.kill)


async def outage(line: Line, broker: Broker) -> list[Figure | CaughtUp]:
    """Rates with everything running, with the registry stopped, with the broker dead; and what was caught up after."""
    exchange = await asyncpg.connect(line.postgres.dsn("exchange"))
    kafka = KafkaSettings(broker.bootstrap)

    async def behind() -> int:
        """Accepted events of which nobody has heard yet what became of them."""
        return int(await exchange.fetchval(BEHIND))

    async def unpublished() -> int:
        """Entries of the department's feed that its topic lacks."""
        reached = cursor_of(await last_record(kafka, feed_topic(FOLLOWED)))
        return int(await exchange.fetchval(HEAD, department_feed(FOLLOWED))) - (reached.position if reached else 0)

    await rate(line)  # warm
    usual = await rate(line)
    await caught_up("everything running", behind)
    stood = stopped(line, "registry-api", "registry-worker")
    without_registry, registry_back = await during(line, stood, "the registry, after it was stopped", behind)
    await caught_up("the topic", unpublished)
    await asyncio.to_thread(broker.kill)
    without_broker = await rate(line)
    line_itself = await caught_up("registry and feeds, while the broker is dead", behind)
    await asyncio.to_thread(broker.start)
    broker_back = await caught_up("the department's topic, after the broker was dead", unpublished)
    await exchange.close()
    name = "POST /v1/events, batches of 1,000"
    figures = [
        Figure(f"{name}, the registry stopped", without_registry, "the same, everything running", usual, 0.9),
        Figure(f"{name}, the broker dead", without_broker, "the same, everything running", usual, 0.9),
    ]
    return [*figures, registry_back, line_itself, broker_back]


async def during(
    line: Line, outage: AbstractContextManager[None], what: str, left: Callable[[], Awaitable[int]]
) -> tuple[float, CaughtUp]:
    """The rate during an outage, and what is caught up after it."""
    with outage:
        found = await rate(line)
    return found, await caught_up(what, left)


async def rate(line: Line) -> float:
    """Events accepted a second, in batches."""
    made = [
        [b"[" + b",".join(part) + b"]" for part in chunks(encoded(events(ROUND, next(SEEDS))), BATCH)]
        for _ in range(REPEATS)
    ]

    async def product() -> int:
        # Opened anew: what is idle for as long as a slow round takes is closed by the other side.
        async with wires(line, CLIENTS, "application/cloudevents-batch+json") as opened:
            await posted(opened, made.pop())
        return ROUND

    return await median_rate(product, REPEATS)


async def caught_up(what: str, left: Callable[[], Awaitable[int]]) -> CaughtUp:
    """Wait until nothing is left; raises where that does not come to pass."""
    begin, missing = time.perf_counter(), await left()

    async with asyncio.timeout(PATIENCE):
        while await left():  # noqa: ASYNC110 - nobody here is told when it is so
            await asyncio.sleep(0.25)  # counting is work as well
    return CaughtUp(what, missing, time.perf_counter() - begin)
