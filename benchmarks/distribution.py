"""Registry changes → department feeds, beside a bare insert of the same rows."""

import statistics
import time
from itertools import count

import asyncpg

from benchmarks.hearing import report
from benchmarks.world import Figure, bare_journal, chunks, encoded, events, stopped
from tests.line import Line, until

SEEDS = count(60_000)
PEOPLE, ROUNDS = 5_000, 3

STANDING = "SELECT position FROM feed_cursor WHERE feed = 'changes' AND partition = 0"
HEAD = "SELECT position FROM feed_head WHERE feed = 'changes' AND partition = 0"
TAKEN = "SELECT coalesce(sum(position), 0)::bigint FROM feed_cursor WHERE feed = 'vital-events'"
TOLD = "SELECT feed, partition, position, entry_id, recorded_at, body FROM feed_entry WHERE recorded_at > $1"
BARE = """
INSERT INTO feed_entry (feed, partition, position, entry_id, recorded_at, body)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::uuid[], $5::timestamptz[], $6::bytea[])
"""


async def distribution(line: Line) -> Figure:
    """Changes wait in the registry while the exchange's worker is held; then the time until all feeds have them."""
    exchange = await asyncpg.connect(line.postgres.dsn("exchange"))
    registry = await asyncpg.connect(line.postgres.dsn("registry"))
    rates, rows = [], []
    for _ in range(ROUNDS):
        await until(lambda: followed(exchange, registry), "nothing to tell")
        taken = await registry.fetchval(TAKEN)
        begun = await exchange.fetchval("SELECT clock_timestamp()")
        with stopped(line, "exchange-worker"):
            await report(line, encoded(events(PEOPLE, next(SEEDS))))

            async def folded(target: int = taken + PEOPLE) -> bool:
                return bool(await registry.fetchval(TAKEN) >= target)

            await until(folded, "everything folded", 120)
        begin = time.perf_counter()
        await until(lambda: followed(exchange, registry), "everything told", 120)
        seconds = time.perf_counter() - begin
        rows = await exchange.fetch(TOLD, begun)
        rates.append(len(rows) / seconds)
    with stopped(line, "exchange-worker", "registry-worker", "registry-api"):
        bare = await bare_insert(line, rows)
    await exchange.close()
    await registry.close()
    limit = "the same rows by unnest of 1,000, 1 connection"
    return Figure("registry changes → entries of department feeds", statistics.median(rates), limit, bare, 0.1)


async def followed(exchange: asyncpg.Connection, registry: asyncpg.Connection) -> bool:
    """Whether the exchange stands at the head of what the registry tells."""
    return bool(await exchange.fetchval(STANDING) == await registry.fetchval(HEAD))


async def bare_insert(line: Line, rows: list[asyncpg.Record]) -> float:
    """Insert these rows into a table with the same indexes, by batches of 1,000; rows a second, the median round."""
    pool = await bare_journal(line)
    rates = []
    for _ in range(ROUNDS):
        await pool.execute("TRUNCATE feed_entry")
        begin = time.perf_counter()
        for part in chunks(rows, 1000):
            await pool.execute(BARE, *map(list, zip(*part, strict=True)))
        rates.append(len(rows) / (time.perf_counter() - begin))
    await pool.close()
    return statistics.median(rates)
