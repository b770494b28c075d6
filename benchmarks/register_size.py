"""The fold in a large register beside a small one: events of the same kinds and number, by turns in one run.

`python -m benchmarks.register_size [--people 1000000] [--small 10000] [--events 5000]`; `--json` gives all on one line.
Both registers are imported first, into databases of one server, vacuumed and analysed. Half of the events are about
people drawn from the whole register, half about people whom nobody knows. Processor time: of this process, which folds,
and of PostgreSQL's process of its connection.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.importing import MAPPING, imported, people, register
from deploy.tenfold.embedded import EmbeddedPostgres
from services.registry.app import ensure_feeds
from services.registry.facts.handlers import Folding
from services.registry.folding import folding_of
from services.registry.imports.running import Run
from services.registry.keys import OWN_KEYS
from shared.app import open_service
from shared.crypto.keyring import KeyRing
from shared.db import Pool, transaction
from shared.feed.follow import FeedEntry
from shared.migrate import upgrade
from shared.settings import Settings
from tests.registry_world import CloudEvent, entry_of, says

PAGE = 500  # events in a transaction, as the registry's worker takes them
TICKS = os.sysconf("SC_CLK_TCK")
TARGET = 0.5
console = Console()


@dataclass
class Measured:
    """A register and what folding in it took. `seconds`: of each page; `processor`: of all of them."""

    name: str
    pool: Pool
    folding: Folding
    events: Iterator[CloudEvent]
    backend: int
    people: int
    seconds: list[float] = field(default_factory=list)
    processor: float = 0.0

    async def fold(self, *, counts: bool) -> None:
        """Fold the next page."""
        entries = [entry_of(next(self.events)) for _ in range(PAGE)]
        spent, began = self.spent(), time.perf_counter()
        await self.handle(entries)
        took = time.perf_counter() - began
        if counts:
            self.seconds.append(took)
            self.processor += self.spent() - spent

    async def handle(self, entries: Sequence[FeedEntry]) -> None:
        """One transaction, as a follower's."""
        async with transaction(self.pool) as connection:
            await self.folding.handle(connection, entries)

    def spent(self) -> float:
        """Processor time so far, of this process and of PostgreSQL's."""
        said = Path(f"/proc/{self.backend}/stat").read_text().rpartition(")")[2].split()
        return time.process_time() + (int(said[11]) + int(said[12])) / TICKS

    @property
    def rate(self) -> float:
        """Events a second, in the median page."""
        return PAGE / statistics.median(self.seconds)

    @property
    def each(self) -> float:
        """Microseconds of processor time for an event."""
        return self.processor / (PAGE * len(self.seconds)) * 1e6


def events_about(register_size: int, events: int) -> Iterator[CloudEvent]:
    """Entries of known people in other households, drawn from the whole register, and of new ones, by turns."""
    half = events // 2
    drawn = set(random.Random(9).sample(range(register_size), half))
    rows = people(register_size + half)
    known, new = [], []
    for place, row in enumerate(rows):
        if place in drawn:
            known.append(row)
        elif place >= register_size:
            new.append(row)
    random.Random(10).shuffle(known)
    number = count()
    for row in (row for both in zip(known, new, strict=True) for row in both):
        yield entered(row, next(number))


def entered(row: Sequence[str], number: int) -> CloudEvent:
    """An entry of somebody in a household of the benchmark's own."""
    _, _, name, sex, born, identity, _, _, area = row
    person = {
        "identifiers": [{"type": "resident-identity-number", "value": identity}],
        "name": name,
        "sex": "male" if sex == "1" else "female",
        "birth_date": born,
    }
    household = {"number": f"B{number}", "kind": "family", "relation": "head", "area": area}
    data = {"person": person, "household": household}
    return says("household.registered", f"size-{number}", data, "2025-01-15", department="public-security")


@asynccontextmanager
async def opened(settings: Settings, name: str, size: int, events: int) -> AsyncIterator[Measured]:
    """A register to fold in, with one connection."""
    service = await open_service(settings, connections=1)
    try:
        await ensure_feeds(service)
        backend = await service.pool.fetchval("SELECT pg_backend_pid()")
        about = events_about(size, events + 2 * PAGE)
        yield Measured(name, service.pool, folding_of(service), about, backend, size)
    finally:
        await service.pool.close()


async def settled(url: str) -> None:
    """What autovacuum does in a quiet hour, and a checkpoint."""
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("CHECKPOINT")
    await connection.close()


def made(server: EmbeddedPostgres, folder: Path, name: str, size: int, workers: int) -> Settings:
    """A register of this size."""
    server.ensure_database(name)
    upgrade("registry", server.dsn(name))
    keys = folder / f"{name}.keys"
    KeyRing.create(keys, OWN_KEYS)
    settings = Settings(database_url=server.dsn(name), keys_file=keys, jwks_file=keys)
    rate = imported(Run(settings, register(folder / f"{name}.csv", size), MAPPING, workers), size)
    console.print(f"{name}: {size:,} people imported, {rate:,.0f} a second")
    asyncio.run(settled(server.dsn(name)))
    return settings


async def by_turns(small: Settings, large: Settings, sizes: tuple[int, int], events: int) -> tuple[Measured, Measured]:
    """Fold pages in both, by turns; the first of each is not counted."""
    async with opened(small, "small", sizes[0], events) as one, opened(large, "large", sizes[1], events) as other:
        for page in range(events // PAGE + 1):
            for each in (one, other) if page % 2 else (other, one):
                await each.fold(counts=page > 0)
        return one, other


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--buffers", default="1GB")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with EmbeddedPostgres(folder / "postgres", shared_buffers=asked.buffers) as server:
            small = made(server, folder, "small", asked.small, asked.workers)
            large = made(server, folder, "large", asked.people, asked.workers)
            found = asyncio.run(by_turns(small, large, (asked.small, asked.people), asked.events))
    if asked.json:
        said = {each.name: {"people": each.people, "rate": each.rate, "processor_us": each.each} for each in found}
        print(json.dumps(said))
        return
    table = Table("register", "people", "events /s (median page)", "processor time, µs an event")
    for each in found:
        table.add_row(each.name, f"{each.people:,}", f"{each.rate:,.0f}", f"{each.each:,.0f}")
    one, other = found
    table.add_row("speed kept", "", f"{other.rate / one.rate:.2f} (target ≥ {TARGET})", f"{one.each / other.each:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
