"""How fast missed days are caught up: contacts whose windows passed while nobody looked, against bare rows by unnest.

`python -m benchmarks.passing_days --contacts 100000`; the design asks for 20,000 transitions a second.
"""

import argparse
import asyncio
import gc
import json
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from deploy.tenfold.embedded import EmbeddedPostgres
from services.alerts.contacts.passing import let_days_pass
from services.alerts.keys import OWN_KEYS
from services.alerts.state import Alerts
from shared.app import open_service
from shared.crypto.keyring import KeyRing
from shared.migrate import upgrade
from shared.settings import Settings

BEGUN, AWAY = date(2026, 1, 1), timedelta(days=1_000)
BATCH = 1_000
console = Console()

EPISODES = """
INSERT INTO episode (episode_id, kind, facility, state, sealed, consent_until, revision)
SELECT gen_random_uuid(), 'maternal', ($2::text[])[1 + n % array_length($2::text[], 1)], 'active', '\\x00',
       '2035-01-01', 1
  FROM generate_series(1, $1::int) n
"""
# What the days make of them needs no key, so that nothing is sealed here.
CONTACTS = """
INSERT INTO care_contact (contact_id, episode_id, facility, opens_on, due_on, closes_on, state, next_change_on, sealed)
SELECT gen_random_uuid(), episode_id, facility, opens, opens + 20, opens + 40, 'planned', opens, '\\x00'
  FROM (SELECT *, $1::date + 1 + (random() * 900)::int AS opens FROM episode) e
"""
BARE = """
INSERT INTO bare
SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::uuid[], $5::timestamptz[], $6::bytea[])
"""


async def caught_up(settings: Settings, contacts: int, tasks: int) -> tuple[float, float]:
    """Transitions a second of catching up by so many tasks at once; and of the same entries as bare rows."""
    today = [BEGUN]
    service = await open_service(settings)
    alerts = Alerts.of(service, lambda: today[0])
    await alerts.helps.ensure_feeds()
    async with service.pool.acquire() as connection:
        await connection.execute(EPISODES, contacts, alerts.facilities.codes)
        await connection.execute(CONTACTS, BEGUN)
        await connection.execute("ANALYZE")
        await connection.execute("CHECKPOINT")
    today[0] += AWAY
    gc.collect()  # as the worker does
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    begin = time.perf_counter()
    while any(await asyncio.gather(*(let_days_pass(alerts.care) for _ in range(tasks)))):
        pass
    spent = time.perf_counter() - begin
    entries = await service.pool.fetchval("SELECT count(*) FROM feed_entry")
    assert entries == 3 * contacts, entries
    await service.pool.close()
    return entries / spent, await bare(settings.database_url, entries)


async def bare(url: str, rows: int) -> float:
    """The same number of entries, put into a table like theirs by unnest of a thousand, a transaction each."""
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE bare (LIKE feed_entry INCLUDING ALL)")
    batches: list[Sequence[object]] = [
        (
            ["facility"] * BATCH,
            [0] * BATCH,
            list(range(start, start + BATCH)),
            [uuid4() for _ in range(BATCH)],
            [datetime.now(UTC)] * BATCH,
            [os.urandom(190) for _ in range(BATCH)],
        )
        for start in range(0, rows, BATCH)
    ]
    begin = time.perf_counter()
    for batch in batches:
        await connection.execute(BARE, *batch)
    spent = time.perf_counter() - begin
    await connection.close()
    return len(batches) * BATCH / spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--tasks", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as server:
        server.ensure_database("alerts")
        upgrade("alerts", server.dsn("alerts"))
        keys = Path(folder) / "alerts.keys"
        KeyRing.create(keys, OWN_KEYS)
        settings = Settings(database_url=server.dsn("alerts"), keys_file=keys, jwks_file=keys)
        rate, limit = asyncio.run(caught_up(settings, asked.contacts, asked.tasks))
    if asked.json:
        print(json.dumps({"rate": rate, "limit": limit}))
        return
    table = Table("what", "transitions /s", "bare rows by unnest /s", "ratio", "target")
    table.add_row("1,000 days caught up", f"{rate:,.0f}", f"{limit:,.0f}", f"{rate / limit:.2f}", "≥ 20,000 /s")
    console.print(table)


if __name__ == "__main__":
    main()
