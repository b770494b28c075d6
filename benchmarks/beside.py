"""Benchmarks with a program of their own, as parts of `make bench`: matching, the import of a register, and care."""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

from benchmarks.world import Delay, Figure, Told

PEOPLE = 20_000  # imported: five million take `python -m benchmarks.importing --people 5000000`
CONTACTS = 100_000  # open; a million take the programs themselves
CONNECTIONS = 2_000
AT_MOST = 4  # times as long as a bare COPY
REBUILT = 20_000  # people a second


async def program(name: str, *arguments: str) -> Any:
    """Run `python -m name … --json`, and read its last line. It ends with us. Raises RuntimeError where it fails."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", name, *arguments, "--json", stdout=asyncio.subprocess.PIPE
    )
    try:
        said, _ = await running.communicate()
    finally:
        with suppress(ProcessLookupError):
            running.kill()
    if running.returncode:
        raise RuntimeError(f"{name} ended with {running.returncode}")
    return json.loads(said.splitlines()[-1])


async def matching() -> list[Told]:
    """The FEBRL sets, set 4 beside splink."""
    return [Told(**row) for row in await program("benchmarks.matching")]


async def importing() -> list[Figure]:
    """A register, beside a bare COPY of as many rows; and what derives of it, rebuilt."""
    found = await program("benchmarks.importing", "--people", str(PEOPLE))
    people = f"{PEOPLE:,} people"
    return [
        Figure(f"import of {people}", found["import"], "bare COPY, 1 connection", found["bare"], 1 / AT_MOST),
        Figure(f"rebuild and comparison, {people}", found["rebuild"], "aimed at", REBUILT, 1.0),
    ]


async def caring() -> list[Figure | Delay]:
    """Pages of a worklist, missed days caught up, and workers who listen."""
    many = ("--contacts", str(CONTACTS))
    pages = (await program("benchmarks.worklist_page", *many))["pages"]
    days = await program("benchmarks.passing_days", *many, "--tasks", "2")
    heard = await program("benchmarks.listening", "--connections", str(CONNECTIONS))
    return [
        *(Delay(f"{what}, {CONTACTS:,} contacts", half, slow, 50, 95) for what, (half, slow) in pages.items()),
        Figure(f"1,000 missed days, {CONTACTS:,} contacts", days["rate"], "bare rows by unnest", days["limit"], 0.4),
        Figure(f"{CONNECTIONS:,} workers at feeds (SSE)", heard["rate"], "bare ASGI", heard["limit"], 0.3),
    ]
