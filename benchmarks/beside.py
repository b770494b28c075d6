"""Benchmarks with a program of their own, as parts of `make bench`: matching, and the import of a register."""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

from benchmarks.world import Figure, Told

PEOPLE = 20_000  # imported: five million take `python -m benchmarks.importing --people 5000000`
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
