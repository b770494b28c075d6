"""Looking up and searching people in a full registry: by reference beside point reads of the same rows, by name and
birth date, by identity number. `python -m benchmarks.looking_up --people 5000000` does it among 100,000 and then, in
the same run and registry, among five million: some minutes on two quiet cores, and 10 GB of disk."""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from benchmarks.filling import fill, some, somebody
from benchmarks.world import Delay, Figure, line
from services.registry.facts.state import PersonState
from services.registry.facts.values import RESIDENT_NUMBER
from shared.crypto.keyring import KeyRing
from shared.crypto.references import mint
from shared.db import connect
from tests.line import Line, until

PEOPLE = 100_000
CLIENTS, SECONDS = 32, 6.0
OWN_PEOPLE = 300  # of each client: below the quota of people an official sees in a day
SEARCHES, OF_ONE_OFFICIAL = 360, 90  # below the quota of searches in an hour
DEPARTMENT, PURPOSE = "public-security", "household-registration"
UNLIMITED = {"TENFOLD_REQUESTS_PER_SECOND": "0"}


class Asking:
    """One HTTP/1.1 connection of somebody."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.head = f"host: 127.0.0.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, line: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send one request; gives status and body."""
        self.writer.write(f"{line} HTTP/1.1\r\n{self.head}content-length: {len(body)}\r\n\r\n".encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return int(head[9:12]), await self.reader.readexactly(length)


@asynccontextmanager
async def asking(line: Line, count: int, name: str) -> AsyncIterator[list[Asking]]:
    """Open connections, each of an official of its own."""
    given: dict[str, Any] = {"department": DEPARTMENT, "roles": ["clerk"], "purpose": PURPOSE}
    tokens = [line.issuer.issue(subject=f"{name}-{n}", ttl=timedelta(hours=1), **given) for n in range(count)]
    opened = [Asking(line.layout.port("registry"), token) for token in tokens]
    for each in opened:
        await each.open()
    try:
        yield opened
    finally:
        for each in opened:
            each.writer.close()
            await each.writer.wait_closed()


async def for_a_while(work: Callable[[int, int], Awaitable[None]]) -> tuple[float, list[float]]:
    """Let all clients work side by side; gives the rate, and how long each piece of work took, in milliseconds."""
    took: list[float] = []
    end = time.perf_counter() + SECONDS

    async def client(number: int) -> None:
        turn = 0
        while (begin := time.perf_counter()) < end:
            await work(number, turn)
            took.append((time.perf_counter() - begin) * 1000)
            turn += 1

    await asyncio.gather(*map(client, range(CLIENTS)))
    return len(took) / SECONDS, took


async def by_reference(line: Line, known: Sequence[tuple[UUID, PersonState]], count: int) -> tuple[Figure, Delay]:
    """32 officials look people up, each their own; limit: the same rows read by their key through a pool."""
    ring = KeyRing.load(line.layout.keys("registry"))
    references = [mint(ring, DEPARTMENT, person) for person, _ in known[: CLIENTS * OWN_PEOPLE]]
    pool = await connect(line.postgres.dsn("registry"))

    async def read(number: int, turn: int) -> None:
        person, _ = known[(number * OWN_PEOPLE + turn) % len(known)]
        await pool.fetchrow("SELECT state FROM person WHERE person_id = $1", person)

    limit, _ = await for_a_while(read)
    await pool.close()
    async with asking(line, CLIENTS, f"reference-{count}") as officials:

        async def look(number: int, turn: int) -> None:
            reference = references[number * OWN_PEOPLE + turn % OWN_PEOPLE]
            status, body = await officials[number].ask(f"GET /v1/people/{reference}")
            if status != 200:
                raise RuntimeError(body.decode())

        rate, took = await for_a_while(look)
    what = f"GET /v1/people/{{reference}}, {CLIENTS} clients, logged, {count:,} people"
    figure = Figure(what, rate, "the same rows by key, asyncpg pool", limit, 0.15)
    return figure, Delay(what, statistics.median(took), percentile(took, 99), 20)


async def searched(line: Line, bodies: Sequence[tuple[Mapping[str, object], UUID]], what: str, count: int) -> Delay:
    """One search after the other, each of somebody there is, who must be among the hits."""
    took, ring = [], KeyRing.load(line.layout.keys("registry"))
    what = f"POST /v1/people/search, {what}, {count:,} people"
    async with asking(line, SEARCHES // OF_ONE_OFFICIAL, what) as officials:
        for number, (body, person) in enumerate(bodies[:SEARCHES]):
            begin = time.perf_counter()
            status, found = await officials[number // OF_ONE_OFFICIAL].ask(
                "POST /v1/people/search", json.dumps(body).encode()
            )
            took.append((time.perf_counter() - begin) * 1000)
            hits = json.loads(found).get("people", [])
            if status != 200 or mint(ring, DEPARTMENT, person) not in {each["reference"] for each in hits}:
                raise RuntimeError(found.decode())
    return Delay(what, statistics.median(took), percentile(took, 95), 25, share=95)


async def by_name(line: Line, known: Sequence[tuple[UUID, PersonState]], count: int) -> Delay:
    """By full name and birth date."""
    bodies = [({"name": state.name, "birth_date": str(state.birth_date)}, person) for person, state in known[::-1]]
    return await searched(line, bodies, "name and birth date", count)


async def by_number(line: Line, known: Sequence[tuple[UUID, PersonState]], count: int) -> Delay:
    """By identity number."""
    bodies = [
        ({"identifier": {"type": RESIDENT_NUMBER, "value": state.identity_number}}, person)
        for person, state in known[::-1]
    ]
    return await searched(line, bodies[SEARCHES:], "identity number", count)


def percentile(took: Sequence[float], share: int) -> float:
    """So many in a hundred are not slower."""
    return statistics.quantiles(took, n=100)[share - 1]


async def looking_up(*counts: int) -> tuple[list[Figure], list[Delay]]:
    """A line of its own, filled with ever more people: look-ups by reference, then searches, among each number."""
    figures: list[Figure] = []
    delays: list[Delay] = []
    filled = 0
    os.environ.update(UNLIMITED)
    try:
        async with line() as running:
            for count in counts or (PEOPLE,):
                numbers = some(count, CLIENTS * OWN_PEOPLE + 2 * SEARCHES)
                await fill(running, filled + 1, count, numbers, numbers[-SEARCHES:])
                filled, known = count, [somebody(number) for number in numbers]
                if not figures:
                    await entitled(running, known)
                    await end_of_work(running)
                print(f"{count:,} people are there", flush=True)
                figure, delay = await by_reference(running, known, count)
                figures.append(figure)
                delays += [delay, await by_name(running, known, count), await by_number(running, known, count)]
        return figures, delays
    finally:
        for name in UNLIMITED:
            del os.environ[name]


async def entitled(line: Line, known: Sequence[tuple[UUID, PersonState]]) -> None:
    """Wait until the registry was told of the agreements."""
    async with asking(line, 1, "ready") as (official,):

        async def seen() -> bool:
            status, _ = await official.ask(f"GET /v1/people/{mint_any(line, known)}")
            return status == 200

        await until(seen, "the registry was told of the agreements", 60)


async def end_of_work(line: Line) -> None:
    """The registry's worker ends: it would look for the facts of these people, who have none, and tables are locked
    while more of them come."""
    worker = line.running.pop("registry-worker")
    worker.terminate()
    await asyncio.to_thread(worker.wait, 30)


def mint_any(line: Line, known: Sequence[tuple[UUID, PersonState]]) -> str:
    """A reference of somebody."""
    return mint(KeyRing.load(line.layout.keys("registry")), DEPARTMENT, known[0][0])


def main() -> None:
    """Measure among 100,000 people and among as many as asked for, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    asked = parser.parse_args()
    figures, delays = asyncio.run(looking_up(*sorted({PEOPLE, asked.people})))
    for figure in figures:
        print(f"{figure.name}: {figure.rate:,.0f}/s of {figure.limit:,.0f}/s = {figure.ratio:.2f} (≥ {figure.target})")
    for each in delays:
        print(f"{each.what}: median {each.median:.1f} ms, p{each.share} {each.slow:.1f} ms (≤ {each.target})")


if __name__ == "__main__":
    main()
