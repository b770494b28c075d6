"""The whole line as real processes on a durable PostgreSQL, any of which a test may kill."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from deploy.tenfold.layout import Layout
from deploy.tenfold.process_child import ChildSpec
from shared.auth.issuer import Issuer
from shared.client import Client

PROCESSES = ("exchange-api", "exchange-worker", "registry-api", "registry-worker")
ALERTS = ("alerts-api", "alerts-worker")


def free_port_base() -> int:
    """Three free ports in a row, on loopback."""
    while True:
        sockets = [socket.socket() for _ in range(3)]
        try:
            sockets[0].bind(("127.0.0.1", 0))
            base: int = sockets[0].getsockname()[1]
            for step in (1, 2):
                sockets[step].bind(("127.0.0.1", base + step))
            return base
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()


class Line:
    """Processes by name; what `kill` ends with SIGKILL is started again a moment later."""

    def __init__(
        self, folder: Path, processes: Sequence[str] = PROCESSES, intakes: int = 1, kafka: str | None = None
    ) -> None:
        self.processes = [*processes, *(f"exchange-api-{number}" for number in range(2, intakes + 1))]
        self.layout = Layout(folder, free_port_base(), kafka, intakes)
        self.issuer = Issuer.open(folder / "issuer")
        self.postgres = self.layout.postgres()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.specs: dict[str, ChildSpec] = {}
        self.keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Database, migrations, processes; returns when every API is ready."""
        self.layout.prepare_keys()
        await asyncio.to_thread(self.postgres.start)
        await asyncio.to_thread(self.layout.prepare_databases, self.postgres)
        self.specs = {spec.name: spec for spec in self.layout.children(self.postgres, self.issuer)}
        for name in self.processes:
            self.launch(name)
        self.keeper = asyncio.create_task(self.keep())
        for service in [name.removesuffix("-api") for name in self.processes if name.endswith("-api")]:
            async with self.client(service) as client:
                await until(lambda client=client: client.ready(), "ready", 180)  # type: ignore[misc]
        if self.layout.intakes > 1:
            await until(lambda: listening(self.layout.port("exchange")) == self.layout.intakes, "every intake listens")

    def launch(self, name: str) -> None:
        """Start a process, its output in a log below the data folder."""
        spec = self.specs[name]
        with (self.layout.data / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(spec.argv, env={**os.environ, **spec.env}, stdout=log, stderr=log)

    async def keep(self) -> None:
        """Start again what ended by itself, as the supervisor does."""
        while True:
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    self.launch(name)
            await asyncio.sleep(0.25)

    async def kill(self, name: str) -> None:
        """Kill -9. `postgres` is the database server; it is started again here, the others by `keep`."""
        if name == "postgres":
            assert self.postgres.pid
            os.kill(self.postgres.pid, signal.SIGKILL)
            await until(lambda: not self.postgres.alive(), "the database server is dead")
            await asyncio.to_thread(self.postgres.start)
            return
        self.running[name].kill()

    async def stop(self) -> None:
        """End everything that was started here."""
        if self.keeper:
            self.keeper.cancel()
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                await asyncio.to_thread(process.wait, 5)
            except subprocess.TimeoutExpired:
                process.kill()
        await asyncio.to_thread(self.postgres.stop)

    def client(self, service: str, department: str | None = None, *roles: str, purpose: str | None = None) -> "Caller":
        """A client of a service with a token of its own."""
        given = roles or (("reporter", "follower") if department else ("administrator",))
        token = self.issuer.issue(
            subject="test", department=department, roles=given, purpose=purpose, ttl=timedelta(hours=1)
        )
        return Caller(self.layout.url(service), token)


def listening(port: int) -> int:
    """How many sockets of this machine listen on a port (Linux: state 0A in /proc/net/tcp)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows)


class Caller(Client):
    """A client that a test may ask whether its service is ready."""

    async def ready(self) -> bool:
        """Whether the service answers that it is ready."""
        try:
            return (await self.http.get("/readyz")).is_success
        except OSError:
            return False
        except Exception as error:
            if type(error).__module__.startswith("httpx"):
                return False
            raise


async def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait for a condition, looking often; fails with what was awaited."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = condition()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s for: {what}") from None


@asynccontextmanager
async def running_line(
    folder: Path, processes: Sequence[str] = PROCESSES, intakes: int = 1, kafka: str | None = None
) -> AsyncIterator[Line]:
    """A line for one test."""
    line = Line(folder, processes, intakes, kafka)
    try:
        await line.start()
        yield line
    finally:
        await line.stop()
