"""The receiver in docs/client.md works as it stands there: killed in the middle, nothing lost, nothing twice."""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.examples import example_of
from tests.documents import ROOT, blocks
from tests.line import Line, running_line, until


def program() -> str:
    """The documented programme."""
    (found,) = blocks((ROOT / "docs" / "client.md").read_text(), "python")
    return found


@asynccontextmanager
async def started(folder: Path, line: Line) -> AsyncIterator[None]:
    """The programme in a process of its own, killed at the end."""
    (folder / "roll.py").write_text(program())
    token = line.issuer.issue(subject="roll", department="education", roles=["reporter", "follower"])
    told = {"EXCHANGE": line.layout.url("exchange"), "TOKEN": token, "STORE": "roll.sqlite", "DROP": "drop"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "roll.py",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **told},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def kept(folder: Path, question: str) -> list[Any]:
    """Ask the programme's file."""
    with closing(sqlite3.connect(folder / "roll.sqlite")) as file:
        try:
            return file.execute(question).fetchall()
        except sqlite3.OperationalError:
            return []  # it has not made its tables yet


def drop(folder: Path, count: int, begin: int) -> None:
    """Enrolments of so many children, dropped as somebody's export would."""
    for number in range(begin, begin + count):
        cloud_event = enrolment(number)
        part = folder / "drop" / f"{number}.part"
        part.write_text(json.dumps(cloud_event))
        part.rename(part.with_suffix(".json"))


def enrolment(number: int) -> dict[str, Any]:
    """A child's enrolment: each child has a birth certificate of its own."""
    cloud_event: dict[str, Any] = json.loads(json.dumps(example_of(CATALOGUE["cn.tenfold.enrolment.registered.v1"])))
    cloud_event |= {"id": f"roll-{number}", "subject": f"ER-{number}"}
    cloud_event["data"]["child"]["identifiers"] = [{"type": "birth-certificate-number", "value": f"Q37{number:07d}"}]
    return cloud_event


async def test_the_documented_receiver_reports_and_follows_through_kills(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    async with running_line(tmp_path / "line") as line:
        async with started(tmp_path, line):
            drop(tmp_path, 20, 0)
            await until(lambda: kept(tmp_path, "SELECT 1 FROM report LIMIT 1"), "the first is kept")
        drop(tmp_path, 20, 20)
        async with started(tmp_path, line):
            await until(lambda: len(kept(tmp_path, "SELECT 1 FROM report WHERE state <> 'waiting'")) >= 30, "under way")
            await line.kill("exchange-api")
        async with started(tmp_path, line):
            await until(lambda: kept(tmp_path, "SELECT count(*) FROM report WHERE state = 'applied'") == [(40,)], "all")
            client = line.client("exchange", "education")
            async with client:
                page = await client.get("/v1/feed", limit=1000)
            entries = [entry["id"] for entry in page["entries"]]
            await until(lambda: len(kept(tmp_path, "SELECT entry FROM handled")) == len(entries), "every entry")
    assert sorted(entry for (entry,) in kept(tmp_path, "SELECT entry FROM handled")) == sorted(entries)
    told = {
        entry["data"]["subject"] for entry in page["entries"] if entry["data"]["type"].endswith("person.changed.v1")
    }
    held = {reference for (reference,) in kept(tmp_path, "SELECT DISTINCT reference FROM child")}
    assert held == told
    assert len(held) == 40
