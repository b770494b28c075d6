"""One child process of the supervisor: its command, its log file, its readiness, its end."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from deploy.tenfold import process, process_leash, process_log


@dataclass(frozen=True)
class ChildSpec:
    """A program to keep running. `env` is added to the supervisor's own environment.

    ready: an http:// URL that answers 2xx once the child serves; None for a child that counts as ready at once.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: str | None = None

    def address(self) -> tuple[str, int] | None:
        """Host and port of `ready`. Raises ValueError for anything but plain http."""
        if self.ready is None:
            return None
        url = urlsplit(self.ready)
        if url.scheme != "http" or url.hostname is None:
            raise ValueError(f"{self.name}: {self.ready} is no http:// address")
        return url.hostname, url.port or 80

    def port_is_free(self) -> bool:
        """Whether the child will be able to listen where `ready` points."""
        address = self.address()
        if address is None:
            return True
        with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as probe:
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # as servers do: closing connections do not count
            try:
                probe.bind(address)
            except OSError:
                return False
        return True


class Child:
    """A running or ended child. Lives inside one event loop, which must run in the main thread: the leash is held by
    the *thread* that started the child."""

    def __init__(self, spec: ChildSpec, logs: Path, mark: str) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self._environment = {**os.environ, **spec.env, "TENFOLD_RUN": mark}
        self._process: subprocess.Popen[bytes] | None = None
        self._pidfd = -1
        self._written = 0
        self._ended: asyncio.Future[int] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Started, and its end has not been seen."""
        return self._ended is not None and not self._ended.done()

    def start(self) -> None:
        """Start it in a session of its own, so that a terminal's Ctrl-C reaches the supervisor only."""
        self._written = process_log.size(self.log)
        log = process_log.open_log(self.log)
        leash = [sys.executable, "-I", "-S", process_leash.__file__, str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                [*leash, *self.spec.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        finally:
            os.close(log)
        self._pidfd = os.pidfd_open(self._process.pid)
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        loop.add_reader(self._pidfd, self._reap)

    async def ended(self) -> int:
        """Wait for its end: the exit status, negative for a signal."""
        if self._ended is None:
            raise RuntimeError(f"{self.spec.name} was never started")
        return await asyncio.shield(self._ended)

    async def ready(self) -> None:
        """Wait until it answers at its address; for ever if it never does."""
        address = self.spec.address()
        while address is not None and not await _answers(address, self.spec.ready or ""):  # noqa: ASYNC110 - other process
            await asyncio.sleep(0.05)

    def send(self, signum: int) -> None:
        """Signal it, if it runs."""
        if self.running:
            process.send(self._pidfd, signum)

    def last_words(self) -> str:
        """The end of what this start of it wrote."""
        return process_log.tail(self.log, self._written)

    def _reap(self) -> None:
        if self._process is None or self._ended is None:
            return
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        # Until it is waited for, its number cannot be re-used, so this hits only what it left behind in its group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._ended.set_result(self._process.wait())


async def _answers(address: tuple[str, int], url: str) -> bool:
    """One GET, by hand: it needs no HTTP client, no proxy settings, no thread."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(5.0):
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(request.encode("ascii"))
                status = (await reader.readline()).split(b" ")
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return False
    return len(status) > 1 and status[0].startswith(b"HTTP/1.") and status[1][:1] == b"2"
