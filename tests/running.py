"""A whole Tenfold, started by its own command, for tests that speak to it from outside."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.tenfold.layout import Layout
from shared.auth.issuer import Issuer
from shared.client import Client

ROOT = Path(__file__).resolve().parent.parent
TENFOLD = [sys.executable, "-m", "deploy.tenfold.cli"]
START_SECONDS = 120.0  # includes initdb and migrations on a busy machine
END_SECONDS = 5.0  # the promise of `tenfold up`


@dataclass(frozen=True)
class Running:
    """Where it runs, and the machine state (issuer key) it belongs to."""

    layout: Layout
    state: Path

    @property
    def environment(self) -> dict[str, str]:
        """For commands that are to speak to it."""
        urls = {f"TENFOLD_{service.upper()}_URL": self.layout.url(service) for service in ("exchange", "registry")}
        return environment(self.state) | urls

    def token(self, **claims: Any) -> str:
        """A token it accepts; see Issuer.issue."""
        return Issuer.open(self.state / "tenfold").issue(subject="test", **claims)

    def client(self, service: str, **claims: Any) -> Client:
        """A client of one of its services."""
        return Client(self.layout.url(service), self.token(**claims))

    def tenfold(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of the CLI against it."""
        return tenfold(*arguments, env=self.environment, stdin=stdin)


def environment(state: Path) -> dict[str, str]:
    """Ours, with a machine state apart from the machine's own."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("TENFOLD_")}
    return mine | {"XDG_STATE_HOME": str(state)}


def tenfold(
    *arguments: str, env: dict[str, str], stdin: str | None = None, seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the CLI to its end."""
    command = [*TENFOLD, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, timeout=seconds, check=False
    )


def free_port_base() -> int:
    """A port with two neighbours, all free, below the range from which the kernel takes ports for connections."""
    candidates = list(range(20_000, 30_000, 5))
    random.SystemRandom().shuffle(candidates)
    return next(base for base in candidates if all(is_free(port) for port in range(base, base + 3)))


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until_ready(process: subprocess.Popen[bytes], layout: Layout, log: Path) -> None:
    """Return when all three services answer; fail with the log when it ends first or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not all(is_ready(layout.url(service)) for service in ("exchange", "registry", "alerts")):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def is_ready(url: str) -> bool:
    """Whether a service says so."""
    try:
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def end(process: subprocess.Popen[bytes], signum: int = signal.SIGTERM) -> tuple[int, float]:
    """Tell it to end: exit status, and how many seconds it took. Never leaves it running."""
    told = time.monotonic()
    process.send_signal(signum)
    try:
        return process.wait(timeout=30), time.monotonic() - told
    finally:
        process.kill()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`tenfold up` on free ports, with data and state of its own; SIGTERM ends it within five seconds."""
    folder = tmp_path_factory.mktemp("up")
    layout, log = Layout(folder / "data", free_port_base()), folder / "up.log"
    command = [*TENFOLD, "up", "--data", str(layout.data), "--port-base", str(layout.port_base)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder / "state"), stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    try:
        wait_until_ready(process, layout, log)
        yield Running(layout, folder / "state")
    finally:
        status, seconds = end(process)
    assert status == 0, log.read_text()
    assert seconds < END_SECONDS
