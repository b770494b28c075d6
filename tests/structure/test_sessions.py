"""Nothing outlives a transaction in a database session: connections go back to the pool as they are (shared/db.py)."""

import re
from pathlib import Path

import asyncpg
import pytest

from shared.db import connect
from tests.conftest import Database

ROOT = Path(__file__).parents[2]
LASTING = re.compile(
    r"pg_(try_)?advisory_lock(_shared)?\(|\bLISTEN\s+\w|\badd_listener\(|\bset_config\([^)]*false|"
    r"[\"']\s*SET\s+(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)[A-Za-z_]+\s*(=|TO\b)|\bWITH\s+HOLD\b|\bCREATE\s+TEMP|\bPREPARE\s+\w+\s+AS\b"
)
SOURCES = [
    path
    for folder in ("services", "shared")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]


def test_no_statement_leaves_anything_in_its_session() -> None:
    found = {path.name: LASTING.search(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert len(found) > 100
    assert {name: hit[0] for name, hit in found.items() if hit} == {}


@pytest.mark.parametrize(
    "statement", ["SELECT pg_advisory_lock(1)", "LISTEN news", '"SET lock_timeout = 1"', "'SET a TO b'"]
)
def test_such_a_statement_is_found(statement: str) -> None:
    assert LASTING.search(statement)


async def test_a_transaction_left_open_is_rolled_back_when_its_connection_goes_back(database: Database) -> None:
    pool = await connect(await database("exchange"), most=1)
    async with pool.acquire() as connection:
        await connection.execute("CREATE TABLE left_open ()")
        await connection.execute("BEGIN")
        await connection.execute("DROP TABLE left_open")
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM left_open") == 0
        assert not connection.is_in_transaction()
    with pytest.raises(asyncpg.UndefinedTableError):
        await pool.fetchval("SELECT count(*) FROM never_made")
    await pool.close()
