"""What a migration makes of rows that were there before it."""

import asyncio
from datetime import date
from uuid import uuid4

import asyncpg
from alembic import command

from shared.migrate import configuration, upgrade
from tests.conftest import Database

BEFORE = "598545612c16"  # 0020
HELD = """
INSERT INTO held_event (receipt, department, reason, decider, due, body, rejected_at)
VALUES ($1, 'health', $2, 'registry clerk', '2026-03-01', '', $3::date)
"""


async def test_events_held_for_another_kind_get_the_review_that_decides_them(database: Database) -> None:
    dsn = await database("registry")
    await asyncio.to_thread(command.downgrade, configuration("registry", dsn), BEFORE)
    waiting, rejected, other = uuid4(), uuid4(), uuid4()
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(HELD, waiting, "supersedes-another-kind", None)
        await connection.execute(HELD, rejected, "supersedes-another-kind", date(2026, 2, 1))
        await connection.execute(HELD, other, "superseded-not-arrived", None)
        for _ in range(2):
            await asyncio.to_thread(upgrade, "registry", dsn)
        rows = await connection.fetch("SELECT kind, receipt, due::text, standing FROM review")
    finally:
        await connection.close()
    assert [tuple(row) for row in rows] == [("supersedes-another-kind", waiting, "2026-03-01", "open")]
