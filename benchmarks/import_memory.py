"""The most memory that an import's processes have at a time, by the size of the file: it must not grow with the rows.

`python -m benchmarks.import_memory [--rows 20000 200000] [--dry-run]`. Each file is imported by processes of its own
into a registry of its own; `--dry-run`: rows are judged, none is written. Reader: the process that hands out chunks;
writer: the larger of the two that judge and write them. Resident memory at its peak (VmHWM).
"""

import argparse
import asyncio
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from multiprocessing import active_children
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.importing import HEADER, MAPPING, register
from deploy.tenfold.embedded import EmbeddedPostgres
from services.registry.imports.processes import Task
from services.registry.imports.running import Run
from services.registry.keys import OWN_KEYS
from shared.crypto.keyring import KeyRing
from shared.migrate import upgrade
from shared.settings import Settings

ROWS_AT_ONCE = 10_000
FORMATS = ("csv", "parquet")
console = Console()


def as_parquet(file: Path) -> Path:
    """The same register as Parquet, written a little at a time."""
    from pyarrow import schema, string, table
    from pyarrow.parquet import ParquetWriter

    made = file.with_suffix(".parquet")
    fields = schema([(name, string()) for name in HEADER])
    with ParquetWriter(made, fields) as writer, file.open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        next(rows)
        while page := [row for row, _ in zip(rows, range(ROWS_AT_ONCE), strict=False)]:
            writer.write_table(table(dict(zip(HEADER, zip(*page, strict=True), strict=True)), schema=fields))
    return made


def one(file: Path, url: str, keys: Path, rows: int) -> None:
    """Import a file in this process and those that it starts, and print what they had; without a URL only judge it."""
    settings = Settings(database_url=url, keys_file=keys, jwks_file=keys)
    run, writers = Run(settings, file, MAPPING, 2), [0]
    plan, sources = run.plan()
    known = asyncio.run(run.begin(resume=False))[0] if url else None

    def progress(rows: int) -> None:
        writers.extend(peak(each.pid) for each in active_children())

    counts, faults = run.go(
        Task(settings, plan, sources, known.import_id if known else None), set(), run.rows_in_chunk, progress
    )
    assert not faults
    assert counts.imported == (rows if known else 0)
    print(json.dumps([peak(os.getpid()), max(writers)]))


def peak(process: int | None) -> int:
    """The most resident memory that a process has had, in megabytes."""
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found) // 1024


def measured(file: Path, url: str, keys: Path, rows: int) -> list[int]:
    """Megabytes of the reader and of the largest writer."""
    asked = [sys.executable, "-m", "benchmarks.import_memory", "--rows", str(rows), "--one", str(file), url, str(keys)]
    done = subprocess.run(asked, capture_output=True, check=True, text=True)
    found: list[int] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        file, url, keys = asked.one
        return one(Path(file), url, Path(keys), asked.rows[0])
    table = Table("file", "rows", "MB of it", "reader MB", "writer MB")
    with tempfile.TemporaryDirectory() as name, EmbeddedPostgres(Path(name) / "postgres") as server:
        keys = Path(name) / "registry.keys"
        KeyRing.create(keys, OWN_KEYS)
        for rows in asked.rows:
            files = [register(Path(name) / f"r{rows}.csv", rows)]
            files.append(as_parquet(files[0]))
            for format_, file in zip(FORMATS, files, strict=True):
                database = f"{format_}{rows}"
                if not asked.dry_run:
                    server.ensure_database(database)
                    upgrade("registry", server.dsn(database))
                found = measured(file, "" if asked.dry_run else server.dsn(database), keys, rows)
                size = f"{file.stat().st_size / 1e6:.1f}"
                table.add_row(format_, f"{rows:,}", size, *[str(each) for each in found])
                console.print(format_, rows, *found)
    console.print(table)
    return None


if __name__ == "__main__":
    main()
