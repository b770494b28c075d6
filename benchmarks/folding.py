"""Exchange feed → registry: facts, people, links, what others are told; beside a bare consumer of the same events."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from itertools import count
from uuid import uuid4

import asyncpg

from benchmarks.world import Figure, chunks, encoded, events, median_rate, stopped, wires
from tests.line import Line, until

PEOPLE = 8_000
SEEDS = count(50_000)

BARE = """
WITH seen AS (INSERT INTO inbox SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING id),
     kept AS (INSERT INTO event SELECT * FROM unnest($1::uuid[], $3::bytea[]) RETURNING id)
INSERT INTO person SELECT * FROM unnest($2::text[], $3::bytea[]) ON CONFLICT (number) DO UPDATE SET body = excluded.body
"""


async def bare_pipeline(line: Line) -> float:
    """Upsert a person, keep the event, note it in an inbox; batches of 1,000, one worker, plain asyncpg."""
    await asyncio.to_thread(line.postgres.ensure_database, "bare")
    connection = await asyncpg.connect(line.postgres.dsn("bare"))
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS person (number text PRIMARY KEY, body bytea);"
        "CREATE TABLE IF NOT EXISTS event (id uuid PRIMARY KEY, body bytea);"
        "CREATE TABLE IF NOT EXISTS inbox (id uuid PRIMARY KEY)"
    )

    async def consume() -> int:
        made = events(PEOPLE, next(SEEDS))
        for part in chunks(encoded(made), 1000):
            numbers = [json.loads(body)["data"]["person"]["identifiers"][0]["value"] for body in part]
            await connection.execute(BARE, [uuid4() for _ in part], numbers, list(part))
        return len(made)

    rate = await median_rate(consume, 3)
    await connection.close()
    return rate


async def folding(line: Line) -> Figure:
    """Registrations wait in the journal while the registry's worker is held; then the time until all are applied."""
    async with line.client("registry") as administrator:

        async def applied() -> int:
            overview = await administrator.get("/v1/overview")
            return int(overview["applied"])

        rates = []
        for _ in range(3):
            before = await settled(applied)
            with stopped(line, "registry-worker", "exchange-worker"):
                async with wires(line, 1, "application/cloudevents-batch+json") as (wire,):
                    for part in chunks(encoded(events(PEOPLE, next(SEEDS))), 1000):
                        await wire.post(b"[" + b",".join(part) + b"]")
                line.running["registry-worker"].send_signal(18)  # SIGCONT: the registry folds, the exchange waits
                begin = time.perf_counter()

                async def done(target: int = before + PEOPLE) -> bool:
                    return await applied() >= target

                await until(done, "everything folded", 120)
                rates.append(PEOPLE / (time.perf_counter() - begin))
        with stopped(line, "registry-worker", "exchange-worker"):
            bare = await bare_pipeline(line)
    return Figure("exchange feed → registry folded", sorted(rates)[1], "bare pipeline, 1 worker", bare, 0.4)


async def settled(applied: Callable[[], Awaitable[int]]) -> int:
    """Wait until the registry has nothing left to apply; returns how many it has applied."""
    last = -1
    while True:
        now = await applied()
        if now == last:
            return now
        last = now
        await asyncio.sleep(0.5)
