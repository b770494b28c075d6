"""Import of a register beside a bare COPY of as many rows in the same run, and what derives rebuilt.

`python -m benchmarks.importing [--people 200000] [--workers 2]`; five million take `--people 5000000` and the disk for
it; `--json` gives the rates on one line. Bare COPY: rows of about 270 bytes, indexes included, into a table with a
primary key and a unique number.
"""

import argparse
import asyncio
import csv
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from rich.console import Console
from rich.table import Table

from deploy.tenfold.embedded import EmbeddedPostgres
from services.registry.imports.processes import Task
from services.registry.imports.running import Run
from services.registry.keys import OWN_KEYS
from services.registry.rebuilding.running import run as rebuild
from shared.crypto.keyring import KeyRing
from shared.identifiers.resident import make
from shared.migrate import upgrade
from shared.settings import Settings

FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国海燕文博"
COMMUNITIES = ("370102901001", "370102901002", "370102902001", "370102903001", "370102904201", "370102904202")
FIRST, DAYS = date(1940, 1, 1), 30_000
HEADER = ("row", "day", "name", "sex", "born", "number", "household", "relation", "area")
MAPPING = """
source: "urn:tenfold:public-security:household-register"
fields:
  id: row
  effective_on: day
  name: name
  sex: {column: sex, codes: gb-t-2261.1}
  birth_date: born
  resident_identity_number: number
  household_number: household
  household_kind: {constant: family}
  relation: {column: relation, codes: gb-t-4761}
  area: area
"""
BARE = """
CREATE TABLE bare (person_id uuid PRIMARY KEY, number bytea UNIQUE, name text, body bytea, folded_at timestamptz)
"""
AT_ONCE = 100_000
console = Console()


def people(count: int) -> Iterator[tuple[str, ...]]:
    """Rows of a register; no number stands twice."""
    chance = random.Random(7)
    for n in range(count):
        area6, rest = f"3701{n // (DAYS * 999):02}", n % (DAYS * 999)
        born = FIRST + timedelta(days=rest % DAYS)
        number = make(area6, born, rest // DAYS + 1)
        name = chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
        sex = "1" if int(number[16]) % 2 else "2"
        relation = ("02", "10", "20", "30")[n % 4]
        since = str(born + timedelta(days=chance.randrange(1, 400)))
        yield f"{n:08}", since, name, sex, str(born), number, f"H{n // 4:07}", relation, chance.choice(COMMUNITIES)


def register(file: Path, count: int) -> Path:
    """The register as a CSV file."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER)
        writer.writerows(people(count))
    return file


async def bare_copy(server: EmbeddedPostgres, count: int) -> float:
    """Rows a second of COPY alone, one connection, the indexes being there."""
    server.ensure_database("bare")
    connection = await asyncpg.connect(server.dsn("bare"))
    await connection.execute(BARE)
    chance, spent, now = random.Random(8), 0.0, await connection.fetchval("SELECT now()")
    for start in range(0, count, AT_ONCE):
        rows = [
            (UUID(int=n << 80 | 7 << 76), chance.randbytes(16), "王小明", chance.randbytes(110), now)
            for n in range(start, min(count, start + AT_ONCE))
        ]
        began = time.perf_counter()
        await connection.copy_records_to_table("bare", records=rows)
        spent += time.perf_counter() - began
    size = await connection.fetchval("SELECT pg_total_relation_size('bare')")
    console.print(f"bare: {size / count:.0f} bytes a row with indexes")
    await connection.close()
    return count / spent


def imported(run: Run, count: int) -> float:
    """Rows a second of an import, from the file to the last commit."""
    plan, sources = run.plan()
    began = time.perf_counter()
    known, done = asyncio.run(run.begin(resume=False))
    run.go(Task(run.settings, plan, sources, known.import_id), done, known.rows_in_chunk, lambda rows: None)
    counts = asyncio.run(run.finish(known, Path(run.settings.keys_file).with_name("register.faults.csv")))
    spent = time.perf_counter() - began
    assert counts.imported == count, counts
    return count / spent


def rebuilt(settings: Settings, count: int, workers: int) -> float:
    """People a second of a rebuild with its comparison."""
    began = time.perf_counter()
    found = asyncio.run(rebuild(settings, workers, lambda people: None, switch=False))
    spent = time.perf_counter() - began
    assert all(each.equal for each in found), found
    return count / spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as server:
        file = register(Path(folder) / "register.csv", asked.people)
        server.ensure_database("registry")
        upgrade("registry", server.dsn("registry"))
        keys = Path(folder) / "registry.keys"
        KeyRing.create(keys, OWN_KEYS)
        settings = Settings(database_url=server.dsn("registry"), keys_file=keys, jwks_file=keys)
        limit = asyncio.run(bare_copy(server, asked.people))
        rate = imported(Run(settings, file, MAPPING, asked.workers), asked.people)
        again = rebuilt(settings, asked.people, asked.workers)
        if asked.json:
            print(json.dumps({"bare": limit, "import": rate, "rebuild": again}))
            return
        table = Table("what", "people", "rows /s", "times as long as bare COPY", "target")
        table.add_row("bare COPY", f"{asked.people:,}", f"{limit:,.0f}", "1", "")
        table.add_row("import", f"{asked.people:,}", f"{rate:,.0f}", f"{limit / rate:.1f}", "≤ 4")
        table.add_row("rebuild and comparison", f"{asked.people:,}", f"{again:,.0f}", "", "≥ 20,000 /s")
        console.print(table)


if __name__ == "__main__":
    main()
