"""Registry changes → department feeds, beside a bare insert of the same rows; and how soon a department hears."""

import asyncio
import json
import statistics
import time
from itertools import count
from typing import Any

import asyncpg
import httpx
import msgspec

from benchmarks.world import Delay, Figure, bare_journal, chunks, encoded, events, stopped, wires
from shared.contracts.catalogue import full_type
from tests.line import Line, until

SEEDS = count(60_000)
PEOPLE, ROUNDS = 5_000, 3
RATE, SECONDS = 500, 10  # events a second, and for how long
WIRES = 32
SECURITY, HEALTH = "public-security", "health"

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


async def report(line: Line, bodies: list[bytes]) -> None:
    """Report in batches."""
    async with wires(line, 1, "application/cloudevents-batch+json") as (wire,):
        for part in chunks(bodies, 1000):
            await wire.post(b"[" + b",".join(part) + b"]")


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


async def hearing(line: Line) -> list[Delay]:
    """Health certifies deaths at a steady rate, one a request; public security, which registered these people, waits at
    its feed. From the moment at which the request is due to its answer, and to the entry in the reader's hands."""
    people = events(RATE * SECONDS, next(SEEDS))
    await report(line, encoded(people))
    number_of = {each["id"]: each["data"]["person"]["identifiers"][0]["value"] for each in people}
    async with reader(line) as http:
        after: str | None = None
        person_of: dict[str, str] = {}  # public security's reference → number

        async def page(wait: int) -> list[dict[str, Any]]:
            nonlocal after
            query = {"limit": "1000", "wait": str(wait)} | ({"after": after} if after else {})
            found = msgspec.json.decode((await http.get("/v1/feed", params=query)).content)
            after = found["next_after"]
            return [entry["data"] for entry in found["entries"] if "data" in entry]

        while number_of:
            for told in await page(20):
                number = number_of.pop(told["data"].get("id"), None)
                if number and "people" in told["data"]:  # one that is held, because its number is known, has none
                    person_of[told["data"]["people"]["person"]] = number
        certain = set(person_of.values())
        dying = [each for each in people if each["data"]["person"]["identifiers"][0]["value"] in certain]
        sent: dict[str, float] = {}
        delays: list[float] = []

        async def hear() -> None:
            while len(delays) < len(dying):
                deaths = [each for each in await page(20) if "died_on" in each["data"].get("changed", {})]
                delays.extend((time.perf_counter() - sent[person_of[each["subject"]]]) * 1000 for each in deaths)

        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            tasks.create_task(hear())
            answered = tasks.create_task(certify(line, dying, sent))
    at = f"at {RATE} events/s"
    return [
        delay(f"POST → 202, {at}", answered.result(), 500),
        delay(f"POST → on another department's feed, {at}", delays, 500),
    ]


def delay(what: str, found: list[float], target: float) -> Delay:
    """Median and 99th percentile."""
    ranked = sorted(found)
    return Delay(what, statistics.median(ranked), ranked[int(len(ranked) * 0.99)], target)


def reader(line: Line) -> httpx.AsyncClient:
    """Public security at its feed."""
    token = line.issuer.issue(subject="bench", department=SECURITY, roles=["follower"])
    headers = {"authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=line.layout.url("exchange"), headers=headers, timeout=60)


async def certify(line: Line, people: list[dict[str, Any]], sent: dict[str, float]) -> list[float]:
    """Report a death of each, `RATE` a second, whatever the answers take; notes by number when each was due. Gives how
    long the answers took, in milliseconds."""
    answered: list[float] = []
    queue: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue()
    async with (
        wires(line, WIRES, "application/cloudevents+json", HEALTH) as opened,
        asyncio.TaskGroup() as tasks,
    ):
        for wire in opened:

            async def post(wire: Any = wire) -> None:
                while (given := await queue.get()) is not None:
                    await wire.post(given[1])
                    answered.append((time.perf_counter() - sent[given[0]]) * 1000)

            tasks.create_task(post())
        begin = time.perf_counter()
        for place, person in enumerate(people):
            await asyncio.sleep(begin + place / RATE - time.perf_counter())
            number = person["data"]["person"]["identifiers"][0]["value"]
            sent[number] = time.perf_counter()
            queue.put_nowait((number, json.dumps(death(person), ensure_ascii=False).encode()))
        for _ in opened:
            queue.put_nowait(None)
    return answered


def death(registered: dict[str, Any]) -> dict[str, Any]:
    """The death of somebody who was registered, as health certifies it."""
    id_ = f"death-{registered['id']}"
    data = {
        "action": "created",
        "effective_on": registered["time"][:10],
        "person": registered["data"]["person"],
        "certificate_number": id_,
    }
    source = f"urn:tenfold:{HEALTH}:death-certificates"
    return {**registered, "id": id_, "type": full_type("death.certified"), "source": source, "data": data}
