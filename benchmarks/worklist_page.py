"""How long a page of a worklist takes among a city's open contacts.

`python -m benchmarks.worklist_page --contacts 1000000`; the design asks for a p95 of 50 ms. The contacts of one
facility are really sealed, and are those that pages open; all others share the bytes of one (benchmarks/caring.py).
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.caring import FACILITY, WORKERS, fill
from benchmarks.looking_up import UNLIMITED, Asking, percentile
from services.alerts.episodes.vault import Vault
from shared import clock
from shared.crypto.keyring import KeyRing
from tests.line import running_line

REQUESTS = 200  # of each kind, one after the other
ROWS = 50  # of a page
TARGET = 50  # ms, p95
PAGES = {
    "GET /v1/worklist": "/v1/worklist",
    "GET /worklist": "/worklist",
    "GET /v1/worklist, soon": "/v1/worklist?when=soon",
    "GET /v1/worklist, mine": "/v1/worklist?mine=true",
    "GET /v1/worklist, one schedule": "/v1/worklist?schedule=who-antenatal",
}
console = Console()


async def timed(nurse: Asking, path: str, requests: int) -> list[float]:
    """How long each of so many requests took, in milliseconds. Raises RuntimeError for one that is refused."""
    took = []
    for _ in range(requests):
        begin = time.perf_counter()
        status, body = await nurse.ask(f"GET {path}")
        took.append((time.perf_counter() - begin) * 1000)
        if status != 200:
            raise RuntimeError(body.decode())
    return took


async def pages(contacts: int, of_one: int, requests: int) -> dict[str, tuple[float, float]]:
    """Median and p95 of each kind of page, in milliseconds."""
    os.environ.update(UNLIMITED)
    with tempfile.TemporaryDirectory(prefix="tenfold-bench-") as folder:
        async with running_line(Path(folder), processes=("alerts-api",)) as line:
            vault = Vault(line.layout.episode_keys, KeyRing.load(line.layout.keys("alerts")))
            begin = time.perf_counter()
            found = await fill(line.postgres.dsn("alerts"), vault, clock.today(), contacts, of_one)
            console.print(f"{found:,} contacts of {contacts // of_one} facilities: {time.perf_counter() - begin:.0f} s")
            hour = timedelta(hours=1)
            token = line.issuer.issue(
                subject=WORKERS[0], roles=["care-worker"], purpose="care", facility=FACILITY, ttl=hour
            )
            nurse = Asking(line.layout.port("alerts"), token)
            await nurse.open()
            _, body = await nurse.ask("GET /v1/worklist")
            assert len(json.loads(body)["tasks"]) == ROWS, body
            measured = {}
            for what, path in PAGES.items():
                await timed(nurse, path, 3)
                took = await timed(nurse, path, requests)
                measured[what] = (statistics.median(took), percentile(took, 95))
            nurse.writer.close()
            return measured


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--of-one", type=int, default=5_000, help="contacts of a facility")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    measured = asyncio.run(pages(asked.contacts, asked.of_one, asked.requests))
    if asked.json:
        print(json.dumps({"contacts": asked.contacts, "pages": measured}))
        return
    table = Table("what", "median ms", "p95 ms", "target")
    for what, (median, slow) in measured.items():
        table.add_row(what, f"{median:.1f}", f"{slow:.1f}", f"p95 ≤ {TARGET}")
    console.print(table)


if __name__ == "__main__":
    main()
