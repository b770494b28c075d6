"""Several partitions, shared by several workers that come, go and are killed: nothing is lost, nothing taken twice."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from pydantic import SecretStr

from shared.kafka.producer import TopicProducer
from shared.kafka.topics import raise_partitions
from shared.kafka.values import Message
from tests.edges_world import Edges, cloud_events, structured
from tests.line import until

pytest_plugins = ["tests.kafka", "tests.edges"]

PARTITIONS = 8
SLICE = 8
Json = dict[str, Any]


@contextmanager
def another_worker(edges: Edges) -> Iterator[subprocess.Popen[bytes]]:
    """One more worker of the exchange, a process of its own; killed in the end, as a crash would."""
    told = {
        f"TENFOLD_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in edges.exchange_settings.model_dump(exclude_none=True).items()
    }
    command = [sys.executable, "-m", "deploy.tenfold.cli", "work", "exchange"]
    process = subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def members(edges: Edges, count: int) -> None:
    """Wait until so many workers know of each other."""
    await until(lambda: edges.pool.fetchval("SELECT count(*) = $1 FROM kafka_member", count), f"{count} workers")


async def spread(edges: Edges, reported: Sequence[Json]) -> None:
    """Produce over all partitions, as a department's keys would spread it; one poisoned record in between."""
    async with TopicProducer(edges.kafka) as producer:
        for start in range(0, len(reported), SLICE):
            for number, each in enumerate(reported[start : start + SLICE]):
                await producer.send(edges.intake(), [structured(each)], partition=number % PARTITIONS)
            if start == SLICE:
                await producer.send(edges.intake(), [Message(b"poison")], partition=PARTITIONS - 1)
            await until(partial(accepted, edges, start // 2), "half of what was produced accepted")


async def accepted(edges: Edges, count: int) -> bool:
    return bool(await edges.pool.fetchval("SELECT count(*) >= $1 FROM journal", count))


async def test_workers_that_join_and_are_killed_under_load_lose_nothing_and_take_nothing_twice(edges: Edges) -> None:
    reported = cloud_events(112)
    await until(lambda: edges.pool.fetchval("SELECT count(*) = 1 FROM kafka_member"), "the first worker")
    await raise_partitions(edges.kafka, edges.intake(), PARTITIONS)
    producing = asyncio.create_task(spread(edges, reported))
    with another_worker(edges) as killed:
        await members(edges, 2)
        with another_worker(edges):
            await members(edges, 3)
            taken = int(await edges.pool.fetchval("SELECT count(*) FROM journal"))
            await until(lambda: accepted(edges, min(taken + 2 * SLICE, len(reported))), "more under three workers")
            killed.kill()
            await members(edges, 2)
            await producing
            applied = await edges.all_applied(reported)
    assert applied.keys() == {each["id"] for each in reported}
    assert await edges.pool.fetchval("SELECT count(*) FROM journal") == len(reported)
    assert len(await edges.refused()) == 1
    positions = await edges.pool.fetch(
        "SELECT partition, record_offset FROM kafka_position WHERE topic = $1", edges.intake()
    )
    assert sum(row["record_offset"] + 1 for row in positions) == len(reported) + 1, "every record's place was taken"
    async with edges.client() as client:
        for each in reported[::10]:
            assert (await client.report(each))["receipt"] == applied[each["id"]], "the receipt that HTTP gives"


async def test_partitions_that_are_added_while_everything_runs_are_taken_too(edges: Edges) -> None:
    before, after = cloud_events(2)
    await edges.produce([structured(before)])
    await edges.all_applied([before])
    assert await raise_partitions(edges.kafka, edges.intake(), 3)
    assert not await raise_partitions(edges.kafka, edges.intake(), 2), "never fewer"
    async with TopicProducer(edges.kafka) as producer:
        await producer.send(edges.intake(), [structured(after)], partition=2)
    await edges.all_applied([after])
