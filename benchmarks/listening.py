"""How fast thousands of workers who listen hear of what happens, beside bare ASGI in the same run, and how much memory
each of them takes.

`python -m benchmarks.listening --connections 5000`. All workers of a facility are told of the same contacts, of
episodes with keys of their own; each is judged before, and each reading is written down.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.caring import kept_key
from benchmarks.looking_up import UNLIMITED
from services.alerts.contacts.announcing import entry, feed_of
from services.alerts.contacts.repository import Contact
from services.alerts.contacts.rules import Kind, State
from services.alerts.episodes.vault import Vault
from shared import clock
from shared.crypto.keyring import KeyRing
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.settings import PROVISIONING
from tests.line import Line, free_port_base, running_line, until
from tests.line import listening as listening_sockets

FACILITIES, ROUNDS = 50, 6
PATIENCE = 120  # seconds until the last of a round must have been heard
EVENT = b"event: entry"
CONSENTED = clock.today() + timedelta(days=3650)
console = Console()

EPISODE = """
INSERT INTO episode (episode_id, kind, facility, state, sealed, consent_until, revision)
VALUES ($1, 'maternal', $2, 'active', '\\x00', $3, 1)
"""
CONTACT = """
INSERT INTO care_contact (contact_id, episode_id, facility, opens_on, due_on, closes_on, state, next_change_on, sealed)
VALUES ($1, $2, $3, $4, $5, $6, 'open', $6, '\\x00')
"""


@dataclass(frozen=True)
class Heard:
    """Deliveries a second, kilobytes of the server's memory for each connection, and its CPU time for each delivery in
    microseconds."""

    rate: float
    kilobytes: float
    micros: float


class Ear(asyncio.Protocol):
    """One connection that counts events, with as little client as possible."""

    def __init__(self, crowd: "Crowd", request: bytes) -> None:
        self.crowd, self.request, self.rest, self.greeted = crowd, request, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        transport.write(self.request)  # type: ignore[attr-defined] # of a socket
        self.crowd.transports.append(transport)

    def data_received(self, data: bytes) -> None:
        """Count, also what came in two pieces."""
        if not self.greeted and data.startswith(b"HTTP/1.1 200"):
            self.greeted = True
            self.crowd.greeted += 1
        both = self.rest + data
        self.crowd.events += both.count(EVENT) - self.rest.count(EVENT)
        self.rest = both[-len(EVENT) + 1 :]
        if self.crowd.events >= self.crowd.awaited:
            self.crowd.all_told.set()


class Crowd:
    """All connections to one server."""

    def __init__(self) -> None:
        self.transports: list[asyncio.BaseTransport] = []
        self.greeted = self.events = 0
        self.awaited, self.all_told = 1, asyncio.Event()

    async def gather(self, port: int, requests: Sequence[bytes]) -> None:
        """Open a connection for each request."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(requests), 100):
            some = requests[start : start + 100]
            ears = (loop.create_connection(lambda each=each: Ear(self, each), "127.0.0.1", port) for each in some)  # type: ignore[misc]
            await asyncio.gather(*ears)
            await until(lambda start=start, some=some: self.greeted >= start + len(some), "greeted")  # type: ignore[misc]

    def expect(self, events: int) -> None:
        """So many more are to come."""
        self.awaited, self.all_told = self.events + events, asyncio.Event()

    async def heard(self) -> None:
        """All of them came. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            await self.all_told.wait()

    def leave(self) -> None:
        """Close every connection."""
        for each in self.transports:
            each.close()


def memory(process: int) -> float:
    """Kilobytes that a process has in memory (Linux)."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def computed(process: int) -> float:
    """Seconds for which a process has computed (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(process: int, port: int, requests: Sequence[bytes], tell, rounds: int) -> Heard:  # type: ignore[no-untyped-def]
    """Let all listen, tell them something some times, and look how long it takes until all have heard."""
    before, crowd = memory(process), Crowd()
    await crowd.gather(port, requests)
    crowd.expect(len(requests))
    await tell()
    await crowd.heard()
    grown = memory(process) - before
    begin, cpu = time.perf_counter(), computed(process)
    for _ in range(rounds):
        crowd.expect(len(requests))
        await tell()
        await crowd.heard()
    spent, cpu = time.perf_counter() - begin, computed(process) - cpu
    crowd.leave()
    count = rounds * len(requests)
    return Heard(count / spent, grown / len(requests), cpu / count * 1e6)


async def product(line: Line, connections: int, rounds: int) -> Heard:
    """Workers of many facilities; each facility is told of a contact of its own."""
    ring = KeyRing.load(line.layout.keys("alerts"))
    vault, feeds = Vault(line.layout.episode_keys, ring), FeedLog(ring)
    connection = await asyncpg.connect(line.postgres.dsn("alerts"))
    codes = [f"X{number}" for number in range(FACILITIES)]
    contacts = [await contact_of(connection, vault, code) for code in codes]
    requests = [request(line, codes[number % FACILITIES], number) for number in range(connections)]

    async def tell() -> None:
        async with connection.transaction():
            rows = {feed_of(each.facility): [entry(each, Kind.OPENED, clock.today())] for each in contacts}
            await feeds.append_all(connection, rows)

    process = line.running["alerts-api"].pid
    found = await measured(process, line.layout.port("alerts"), requests, tell, rounds)
    logged = await connection.fetchval("SELECT count(*) FROM access_log WHERE action = 'feed'")
    assert logged == connections * (rounds + 1), logged
    await connection.close()
    return found


async def contact_of(connection: asyncpg.Connection, vault: Vault, facility: str) -> Contact:
    """An open contact of a facility's, and its feed."""
    episode, contact, today = uuid4(), uuid4(), clock.today()
    kept_key(vault, episode)
    window = (today, today + timedelta(days=7), today + timedelta(days=30))
    await heads.ensure(connection, feed_of(facility))
    await connection.execute(EPISODE, episode, facility, CONSENTED)
    await connection.execute(CONTACT, contact, episode, facility, *window)
    return Contact(contact, episode, facility, *window, State.OPEN, 1)


def request(line: Line, facility: str, number: int) -> bytes:
    """What a worker's device sends."""
    token = line.issuer.issue(
        subject=f"nurse-{number}", roles=["care-worker"], purpose="care", facility=facility, ttl=timedelta(hours=1)
    )
    return f"GET /v1/feed/stream HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode()


def provisioned(folder: Path) -> Path:
    """A city's provisioning with as many facilities as are measured."""
    shutil.copytree(PROVISIONING, folder)
    lines = (f'{{code: X{n}, zh: 中心, en: Centre, serves: ["{370200001 + n}"]}}' for n in range(FACILITIES))
    (folder / "facilities.yaml").write_text("facilities:\n" + "\n".join(f"  - {line}" for line in lines))
    return folder


async def bare(connections: int, rounds: int) -> Heard:
    """As many connections to an application of thirty lines, which sends as many bytes."""
    port = free_port_base()
    arguments = ("-m", "uvicorn", "benchmarks.bare_sse:app", "--port", str(port), "--log-level", "warning")
    server = await asyncio.create_subprocess_exec(sys.executable, *arguments, "--no-access-log")
    like = f"id: {uuid4()}:1\nevent: entry\ndata: {'x' * 290}\n\n".encode()
    post = f"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(like)}\r\n\r\n".encode() + like
    try:
        await until(lambda: listening_sockets(port), "listens")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def tell() -> None:
            writer.write(post)
            await reader.readuntil(b"\r\n\r\n")

        found = await measured(
            server.pid, port, [b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"] * connections, tell, rounds
        )
        writer.close()
        return found
    finally:
        with suppress(ProcessLookupError):
            server.kill()
        await server.wait()


async def listening(connections: int, rounds: int) -> tuple[Heard, Heard]:
    """The product, and bare ASGI."""
    limit = await bare(connections, rounds)
    with tempfile.TemporaryDirectory(prefix="tenfold-bench-") as folder:
        os.environ.update(UNLIMITED | {"TENFOLD_PROVISIONING": str(provisioned(Path(folder) / "provisioning"))})
        async with running_line(Path(folder), processes=("alerts-api",)) as line:
            return await product(line, connections, rounds), limit


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found, limit = asyncio.run(listening(asked.connections, asked.rounds))
    memory_ratio = found.kilobytes / limit.kilobytes
    if asked.json:
        print(json.dumps({"rate": found.rate, "limit": limit.rate, "memory": memory_ratio}))
        return
    table = Table("what", "feeds of facilities", "bare ASGI", "ratio", "target")
    table.add_row(
        "deliveries /s", f"{found.rate:,.0f}", f"{limit.rate:,.0f}", f"{found.rate / limit.rate:.2f}", "≥ 0.3"
    )
    table.add_row("kB a connection", f"{found.kilobytes:.1f}", f"{limit.kilobytes:.1f}", f"{memory_ratio:.1f}", "≤ 3")
    table.add_row(
        "µs of CPU a delivery", f"{found.micros:.0f}", f"{limit.micros:.0f}", f"{found.micros / limit.micros:.1f}", ""
    )
    console.print(table)


if __name__ == "__main__":
    main()
