"""Looking up and searching people in a full registry: by reference beside point reads of the same rows, by name and
birth date. `python -m benchmarks.looking_up 5000000` does it with five million people."""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

from benchmarks.world import Delay, Figure, line
from deploy.tenfold.county import generate
from services.registry.blocks.handlers import Blinding
from services.registry.facts.state import RESIDENT, PersonState
from services.registry.facts.stored import Vault
from shared.crypto.keyring import KeyRing
from shared.crypto.references import mint
from shared.db import connect
from tests.line import Line, until

PEOPLE = 100_000
PAGE = 20_000
CLIENTS, SECONDS = 32, 6.0
OWN_PEOPLE = 300  # of each client: below the quota of people an official sees in a day
SEARCHES, OF_ONE_OFFICIAL = 360, 90  # below the quota of searches in an hour
DEPARTMENT, PURPOSE = "public-security", "household-registration"
UNLIMITED = {"TENFOLD_REQUESTS_PER_SECOND": "0"}


def people(count: int, names: Sequence[str]) -> Iterator[tuple[UUID, PersonState]]:
    """Made-up people of the household register, with the names of the synthetic county and any birthday."""
    chance = random.Random(1)
    for number in range(1, count + 1):
        yield (
            UUID(int=number),
            PersonState(
                name=chance.choice(names),
                sex=chance.choice(("male", "female")),
                birth_date=date(1940, 1, 1) + timedelta(days=chance.randrange(31_000)),
                identity_number=f"{number:018d}",
                residence=RESIDENT,
                registered_area="370102001001",
                household_number=f"H{number // 3}",
                household_kind="family",
                relation_to_head="other",
                registered=True,
            ),
        )


def full_names(count: int) -> list[str]:
    """As many different names as a city has: family names and given names of the county, put together anew."""
    county = [person.name for person in generate(people=20_000, seed=7).people]
    chance = random.Random(2)
    return [chance.choice(county)[0] + chance.choice(county)[1:] for _ in range(count)]


async def fill(line: Line, count: int) -> list[tuple[UUID, PersonState]]:
    """Put people and their blocks into the registry's database; gives some of them."""
    ring = KeyRing.load(line.layout.keys("registry"))
    vault, blinding, now = Vault(ring), Blinding(ring), datetime.now(UTC)
    connection = await asyncpg.connect(line.postgres.dsn("registry"))
    kept: list[tuple[UUID, PersonState]] = []
    rows: list[tuple[UUID, bytes, datetime]] = []
    blocks: list[tuple[bytes, UUID]] = []
    every = max(1, count // 20_000)
    for person, state in people(count, full_names(min(count, 300_000))):
        rows.append((person, vault.seal_state(person, state), now))
        blocks += [(key, person) for key in blinding.of(state)]
        if person.int % every == 0:
            kept.append((person, state))
        if len(rows) == PAGE or person.int == count:
            await connection.copy_records_to_table("person", records=rows, columns=("person_id", "state", "folded_at"))
            await connection.copy_records_to_table("block", records=blocks, columns=("key", "person_id"))
            rows, blocks = [], []
    await connection.execute("VACUUM ANALYZE person, block")
    await connection.close()
    random.Random(3).shuffle(kept)
    return kept


class Asking:
    """One HTTP/1.1 connection of an official."""

    def __init__(self, line: Line, subject: str) -> None:
        self.port = line.layout.port("registry")
        token = line.issuer.issue(
            subject=subject, department=DEPARTMENT, roles=["clerk"], purpose=PURPOSE, ttl=timedelta(hours=1)
        )
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
    opened = [Asking(line, f"{name}-{number}") for number in range(count)]
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


async def by_reference(line: Line, known: Sequence[tuple[UUID, PersonState]]) -> tuple[Figure, Delay]:
    """32 officials look people up, each their own; limit: the same rows read by their key through a pool."""
    ring = KeyRing.load(line.layout.keys("registry"))
    references = [mint(ring, DEPARTMENT, person) for person, _ in known[: CLIENTS * OWN_PEOPLE]]
    pool = await connect(line.postgres.dsn("registry"))

    async def read(number: int, turn: int) -> None:
        person, _ = known[(number * OWN_PEOPLE + turn) % len(known)]
        await pool.fetchrow("SELECT state FROM person WHERE person_id = $1", person)

    limit, _ = await for_a_while(read)
    await pool.close()
    async with asking(line, CLIENTS, "reference") as officials:

        async def look(number: int, turn: int) -> None:
            reference = references[number * OWN_PEOPLE + turn % OWN_PEOPLE]
            status, body = await officials[number].ask(f"GET /v1/people/{reference}")
            if status != 200:
                raise RuntimeError(body.decode())

        rate, took = await for_a_while(look)
    what = f"GET /v1/people/{{reference}}, {CLIENTS} clients, logged"
    figure = Figure(what, rate, "the same rows by key, asyncpg pool", limit, 0.15)
    return figure, Delay(what, statistics.median(took), percentile(took, 99), 20)


async def by_name(line: Line, known: Sequence[tuple[UUID, PersonState]], count: int) -> Delay:
    """One search after the other, by full name and birth date, each of somebody there is."""
    took = []
    async with asking(line, SEARCHES // OF_ONE_OFFICIAL, f"name-{count}") as officials:
        for number in range(SEARCHES):
            _, state = known[-1 - number]
            body = json.dumps({"name": state.name, "birth_date": str(state.birth_date)}).encode()
            begin = time.perf_counter()
            status, found = await officials[number // OF_ONE_OFFICIAL].ask("POST /v1/people/search", body)
            took.append((time.perf_counter() - begin) * 1000)
            if status != 200 or json.loads(found)["people"][0]["match"] != "exact":
                raise RuntimeError(found.decode())
    what = f"POST /v1/people/search, name and birth date, {count:,} people"
    return Delay(what, statistics.median(took), percentile(took, 95), 25, share=95)


def percentile(took: Sequence[float], share: int) -> float:
    """So many in a hundred are not slower."""
    return statistics.quantiles(took, n=100)[share - 1]


async def looking_up(count: int = PEOPLE) -> tuple[list[Figure], list[Delay]]:
    """A line of its own, filled with people: look-ups by reference, then searches."""
    os.environ.update(UNLIMITED)
    try:
        async with line() as running:
            known = await fill(running, count)
            async with asking(running, 1, "ready") as (official,):

                async def entitled() -> bool:
                    status, _ = await official.ask(f"GET /v1/people/{mint_any(running, known)}")
                    return status == 200

                await until(entitled, "the registry was told of the agreements", 60)
            figure, delay = await by_reference(running, known)
            return [figure], [delay, await by_name(running, known, count)]
    finally:
        for name in UNLIMITED:
            del os.environ[name]


def mint_any(line: Line, known: Sequence[tuple[UUID, PersonState]]) -> str:
    """A reference of somebody."""
    return mint(KeyRing.load(line.layout.keys("registry")), DEPARTMENT, known[0][0])


if __name__ == "__main__":
    figures, delays = asyncio.run(looking_up(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
    for figure in figures:
        print(f"{figure.name}: {figure.rate:,.0f}/s of {figure.limit:,.0f}/s = {figure.ratio:.2f} (≥ {figure.target})")
    for each in delays:
        print(f"{each.what}: median {each.median:.1f} ms, p{each.share} {each.slow:.1f} ms (≤ {each.target})")
