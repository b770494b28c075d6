"""What the benchmarks share: a durable server, the real processes, a thin HTTP client, people to report."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from deploy.tenfold.county import generate, registrations
from shared.migrate import upgrade
from tests.line import Line, running_line

REPEATS = 5  # medians of this many rounds


@dataclass(frozen=True)
class Figure:
    """A measured rate beside its limit, both in operations a second, and the ratio that is aimed at."""

    name: str
    rate: float
    limit_name: str
    limit: float
    target: float

    @property
    def ratio(self) -> float:
        """How much of the limit is left after all that the product path does."""
        return self.rate / self.limit


@dataclass(frozen=True)
class CaughtUp:
    """What an outage had left behind, counted, and how long it took until nothing of it was missing."""

    what: str
    missing: int
    seconds: float


@dataclass(frozen=True)
class Delay:
    """How long something takes, in milliseconds: the median, a percentile (the 99th, unless `share` is another), and
    what that may be."""

    what: str
    median: float
    slow: float
    target: float
    share: int = 99


@dataclass(frozen=True)
class Told:
    """How well records are told apart: pairs compared, shares of the links that are true and of what is true."""

    what: str
    pairs: int
    precision: float
    recall: float
    seconds: float


async def median_rate(work: Callable[[], Awaitable[int]], repeats: int = REPEATS) -> float:
    """The median rate of several rounds; `work` returns how many operations it did."""
    rates = []
    for _ in range(repeats):
        begin = time.perf_counter()
        count = await work()
        rates.append(count / (time.perf_counter() - begin))
    return statistics.median(rates)


@asynccontextmanager
async def line(intakes: int = 1, kafka: str | None = None) -> AsyncIterator[Line]:
    """The real processes on a durable PostgreSQL, in a temporary folder; `intakes`: of the exchange's API; `kafka`: the
    broker, where there is one."""
    with TemporaryDirectory(prefix="tenfold-bench-") as folder:
        async with running_line(Path(folder), intakes=intakes, kafka=kafka) as running:
            yield running


def events(people: int, seed: int) -> list[dict[str, Any]]:
    """`people` registrations with ids of their own for each seed."""
    county = generate(people=people, seed=seed)
    return [r.cloud_event | {"id": f"{r.cloud_event['id']}-{seed}"} for r in registrations(county)]


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Consecutive pieces of a list."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Wire:
    """One HTTP/1.1 connection with as little client as possible: the load must not be the bottleneck."""

    def __init__(self, port: int, token: str, content_type: str) -> None:
        self.port = port
        self.head = (
            f"POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
            f"content-type: {content_type}\r\ncontent-length: "
        ).encode()

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def post(self, body: bytes) -> bytes:
        """Post and read the whole answer; raises unless it is 202."""
        self.writer.write(self.head + str(len(body)).encode() + b"\r\n\r\n" + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = await self.reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(head.split(b"\r\n")[0].decode())
        return answer

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        await self.writer.wait_closed()


@asynccontextmanager
async def wires(
    line: Line, count: int, content_type: str, department: str = "public-security"
) -> AsyncIterator[list[Wire]]:
    """Open connections with a token of a department."""
    token = line.issuer.issue(subject="bench", department=department, roles=["reporter"])
    opened = [Wire(line.layout.port("exchange"), token, content_type) for _ in range(count)]
    for wire in opened:
        await wire.open()
    try:
        yield opened
    finally:
        for wire in opened:
            await wire.close()


@contextmanager
def stopped(line: Line, *names: str) -> Iterator[None]:
    """Hold processes while something else is measured (SIGSTOP, then SIGCONT)."""
    import signal

    for name in names:
        line.running[name].send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for name in names:
            line.running[name].send_signal(signal.SIGCONT)


async def bare_journal(line: Line) -> asyncpg.Pool:
    """The journal's own table with its indexes, in a database of its own: what the limits are measured on."""
    await asyncio.to_thread(line.postgres.ensure_database, "bench")
    await asyncio.to_thread(upgrade, "exchange", line.postgres.dsn("bench"))
    return await asyncpg.create_pool(line.postgres.dsn("bench"), min_size=16, max_size=16)


def journal_columns(bodies: Sequence[bytes], partition: int, start: int) -> list[list[object]]:
    """Ready rows of the journal, as columns for its INSERT: nothing is judged, sealed or numbered by the database."""
    count, now = len(bodies), datetime.now(UTC)
    ids = [f"{partition}-{start + n}" for n in range(count)]
    return [
        [partition] * count,
        list(range(start + 1, start + count + 1)),
        [now] * count,
        ["public-security"] * count,
        ["household.registered"] * count,
        ["urn:tenfold:public-security:household-register"] * count,
        list(ids),
        [None] * count,
        [bytes(41)] * count,
        list(bodies),
        list(bodies),
        [now] * count,
        [None] * count,
        [None] * count,
    ]


def encoded(cloud_events: Sequence[dict[str, Any]]) -> list[bytes]:
    """Each event as JSON."""
    return [json.dumps(each, ensure_ascii=False).encode() for each in cloud_events]
