"""What the README shows is what happens: its commands run in order, and every answer is the one below it."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.tenfold.county import generate, registrations
from shared.auth.issuer import Issuer
from shared.client import Client
from tests.documents import READMES, ROOT, Step, steps
from tests.line import free_port_base

PEOPLE = 200
BETWEEN = "\x1e"  # a record separator: no answer holds one

# What differs from run to run, by what stands around it. Applied to the answer shown and to the answer given.
VOLATILE = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:\d+)?", "<uuid>"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "<instant>"),
    (r"\d{4}-\d\d-\d\d", "<day>"),
    (r"\b[0-9a-f]{8}\.[A-Za-z0-9_-]{40,}", "<reference>"),
    (r'"name": "[^"]+"', '"name": "<name>"'),
    (r'"sex": "(fe)?male"', '"sex": "<sex>"'),
    (r'"household_number": "\d+"', '"household_number": "<number>"'),
    (r'"relation_to_head": "[a-z]+"', '"relation_to_head": "<relation>"'),
    (r"\b\d{17}[\dX]\b", "<number>"),
    (r"\b370102\d{6}\b", "<area>"),
    (r"\b([A-Z]+)-370102-X[0-9A-F]{10}", r"\1-<paper>"),
    (r'"(position|head)": ?\d+', r'"\1": <n>'),
)


def masked(answer: str) -> str:
    """An answer with everything that differs from run to run replaced by what it is."""
    for pattern, name in VOLATILE:
        answer = re.sub(pattern, name, answer)
    return answer


@dataclass(frozen=True)
class Reader:
    """Whoever follows the README: the ports of their Tenfold, and the folder their machine keeps its state in."""

    port_base: int
    state: Path

    def environment(self) -> dict[str, str]:
        """The reader's environment variables."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "XDG_STATE_HOME": str(self.state), "PATH": path}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Someone with a running Tenfold and a small county in it, as `make demo` leaves one behind. One for each document:
    somebody in a small county whose death two readers report would change for the first of them only."""
    who = Reader(free_port_base(), tmp_path)
    said = who.state / "up.log"
    with said.open("wb") as log:
        command = [sys.executable, "-m", "deploy.tenfold.cli", "up", "--port-base", str(who.port_base)]
        up = subprocess.Popen(command, cwd=ROOT, env=who.environment(), stdout=log, stderr=log)
    try:
        while "Tenfold runs" not in said.read_text():
            with contextlib.suppress(subprocess.TimeoutExpired):
                up.wait(0.1)
            assert up.poll() is None, said.read_text()
        asyncio.run(settle(who.port_base, Issuer.open(who.state / "tenfold")))
        yield who
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(15)


async def settle(port_base: int, issuer: Issuer) -> None:
    """Register the county's people through the public API, and return when all of it is told."""
    reporter = ["reporter", "follower"]
    token = issuer.issue(subject="test", department="public-security", roles=reporter, ttl=timedelta(hours=1))
    async with Client(f"http://127.0.0.1:{port_base}", token) as exchange:
        results = await exchange.report_batch([report.cloud_event for report in registrations(generate(PEOPLE))])
        assert {result["code"] for result in results} == {202}
        query: dict[str, str | int | float] = {"limit": 1000, "wait": 20}
        told = 0
        while told < 2 * PEOPLE:  # a receipt and a person each
            page = await exchange.page("/v1/feed", query)
            assert page.entries, "the feed stands still"
            query["after"], told = page.next_after, told + len(page.entries)


def answers(document: str, reader: Reader) -> list[tuple[Step, str]]:
    """Run a document's commands in one shell, on the reader's ports and county; each with its answer."""
    found = steps((ROOT / document).read_text())
    commands = "\n".join(f"{step.command}\nprintf '{BETWEEN}'" for step in found)
    for service in range(3):
        commands = commands.replace(f"127.0.0.1:{8101 + service}", f"127.0.0.1:{reader.port_base + service}")
    commands = re.sub(r"tenfold example ([a-z.]+)", rf"tenfold example \1 --people {PEOPLE}", commands)
    shell = ["bash", "--noprofile", "--norc", "-c", commands]
    ran = subprocess.run(
        shell, cwd=ROOT, env=reader.environment(), capture_output=True, text=True, timeout=120, check=False
    )
    given = ran.stdout.split(BETWEEN)
    assert len(given) == len(found) + 1, ran.stderr
    return list(zip(found, (answer.strip() for answer in given), strict=False))


@pytest.mark.parametrize("document", READMES)
def test_every_answer_the_readme_shows_is_the_one_that_is_given(document: str, reader: Reader) -> None:
    """Commands run as written; ids, instants, names and numbers differ, everything else is as shown."""
    for step, given in answers(document, reader):
        assert masked(given) == masked(step.shown), step.command


def test_the_readme_shows_each_kind_of_answer() -> None:
    """Accepted, repeated, refused by content, by contract, by agreement and as unknown: a reader has seen them all."""
    shown = "\n".join(step.shown for step in steps((ROOT / READMES[0]).read_text()))
    for expected in ("202", "200", "403", "404", "409", "422", '"applied"', '"withheld"', '"pointer"'):
        assert expected in shown
