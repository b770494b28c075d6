"""Derived tables beside the live ones, in a schema of their own. All SQL of the feature."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registry.facts.repository import STORE_HOUSEHOLDS, columns
from services.registry.imports.repository import close_gate
from services.registry.rebuilding.aside import SAID
from shared.db import Connection

DERIVED = ("residency", "identifier_index", "block")
TABLES = ("person", *DERIVED, *SAID)

# Logged nowhere: what is in them can be derived once more. Nobody counts their rows.
MAKE = """
CREATE SCHEMA IF NOT EXISTS rebuilt;
DROP TABLE IF EXISTS rebuilt.person, rebuilt.stored, rebuilt.residency, rebuilt.identifier_index, rebuilt.block,
  rebuilt.contradiction, rebuilt.half_move, rebuilt.statistic_counted,
  rebuilt.stored_contradiction, rebuilt.stored_half_move, rebuilt.stored_statistic_counted;
CREATE UNLOGGED TABLE rebuilt.person (person_id uuid PRIMARY KEY, digest bytea NOT NULL);
CREATE UNLOGGED TABLE rebuilt.stored (person_id uuid PRIMARY KEY, digest bytea NOT NULL);
CREATE UNLOGGED TABLE rebuilt.residency (LIKE residency);
CREATE UNLOGGED TABLE rebuilt.identifier_index (LIKE identifier_index);
CREATE UNLOGGED TABLE rebuilt.block (LIKE block);
CREATE UNLOGGED TABLE rebuilt.contradiction (person_id uuid NOT NULL, digest bytea NOT NULL);
CREATE UNLOGGED TABLE rebuilt.half_move (LIKE rebuilt.contradiction);
CREATE UNLOGGED TABLE rebuilt.statistic_counted (LIKE rebuilt.contradiction);
CREATE UNLOGGED TABLE rebuilt.stored_contradiction (LIKE rebuilt.contradiction);
CREATE UNLOGGED TABLE rebuilt.stored_half_move (LIKE rebuilt.contradiction);
CREATE UNLOGGED TABLE rebuilt.stored_statistic_counted (LIKE rebuilt.contradiction);
"""
PATIENT = "SET LOCAL idle_in_transaction_session_timeout = 0"
TAKE = "SELECT pg_try_advisory_xact_lock(hashtext('rebuild'))"
DROP = "DROP SCHEMA IF EXISTS rebuilt CASCADE"

BOUNDS = """
SELECT person_id FROM (SELECT person_id, row_number() OVER (ORDER BY person_id) AS n FROM person) numbered
 WHERE n % $1 = 0 ORDER BY person_id
"""
BETWEEN = """
SELECT person_id, merged_into, state FROM person
 WHERE person_id > $1 AND ($2::uuid IS NULL OR person_id <= $2) ORDER BY person_id
"""

# Whoever was folded or merged meanwhile differs by that, and is left to the fold, which is right about them.
MEANWHILE = """
SELECT p.person_id FROM person p WHERE p.folded_at >= $1
 UNION SELECT p.person_id FROM person p JOIN rebuilt.person r USING (person_id) WHERE p.merged_into IS NOT NULL
"""
LIVE = {
    "person": "rebuilt.stored",
    **{table: table for table in DERIVED},
    **{table: f"rebuilt.stored_{table}" for table in SAID},
}
FIGURES = """
SELECT count(*) AS rows, coalesce(sum(hashtextextended(row_of::text, 0)), 0)::text AS hash
  FROM {table} row_of WHERE NOT EXISTS (SELECT FROM meanwhile m WHERE m.person_id = row_of.person_id)
"""
COMPARE = """
WITH meanwhile AS MATERIALIZED ({meanwhile}), live AS ({live}), beside AS ({beside})
SELECT live.rows AS live_rows, live.hash AS live_hash, beside.rows, beside.hash FROM live, beside
"""
DIFFER = """
WITH meanwhile AS MATERIALIZED ({meanwhile}), differing AS (
  SELECT *, true AS stands FROM (SELECT * FROM {live} EXCEPT ALL SELECT * FROM {beside}) wrong UNION ALL
  SELECT *, false FROM (SELECT * FROM {beside} EXCEPT ALL SELECT * FROM {live}) missing)
SELECT DISTINCT person_id, CASE WHEN stands THEN {key} END AS key FROM differing d
 WHERE NOT EXISTS (SELECT FROM meanwhile m WHERE m.person_id = d.person_id)
"""

LOCK = """
SELECT person_id, merged_into, state FROM person WHERE person_id = ANY($1::uuid[]) ORDER BY person_id
   FOR NO KEY UPDATE
"""
STATES = "UPDATE person SET state = n.state FROM unnest($1::uuid[], $2::bytea[]) n(id, state) WHERE person_id = n.id"
MINUTES = "SET LOCAL statement_timeout = '60min'"
PATIENCE = 3_600.0  # seconds, for a statement over whole tables

KEYS = {"residency": 2, "identifier_index": 2, "block": 2}
"""The first columns of a table that make its primary key."""
COLUMNS = {
    "residency": {
        "person_id": "uuid",
        "since": "date",
        "until": "date",
        "household_number": "text",
        "household_kind": "text",
        "relation": "text",
        "area": "text",
    },
    "identifier_index": {"blind_index": "bytea", "person_id": "uuid", "type": "text"},
    "block": {"key": "bytea", "person_id": "uuid"},
}
LIVE_ROWS = "SELECT {columns} FROM {table} WHERE person_id = ANY($1::uuid[])"
INSERT = "INSERT INTO {table} {mark} ({columns}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
DELETE = """
DELETE FROM {table} /* removes */ USING unnest({arrays}) AS wrong({keys}) WHERE ({own}) = ({others})
"""


async def take(connection: Connection) -> bool:
    """Be the only one who rebuilds, until this transaction ends, however long; False where somebody else does."""
    await connection.execute(PATIENT)
    taken: bool = await connection.fetchval(TAKE)
    return taken


async def make(connection: Connection) -> datetime:
    """Empty tables beside the live ones. Gives an instant before which every fold is committed."""
    at = await close_gate(connection)
    await connection.execute(MAKE)
    return at


async def drop(connection: Connection) -> None:
    """Remove what was made."""
    await connection.execute(DROP)


async def bounds(connection: Connection, size: int) -> list[tuple[UUID, UUID | None]]:
    """Everybody, in ranges of ids (behind the first, up to the second) of so many people."""
    ends = [row["person_id"] for row in await connection.fetch(BOUNDS, size, timeout=PATIENCE)]
    return list(zip([UUID(int=0), *ends], [*ends, None], strict=True))


async def between(connection: Connection, behind: UUID, until: UUID | None) -> list[asyncpg.Record]:
    """The people of a range, aliases among them."""
    return await connection.fetch(BETWEEN, behind, until)


async def put(connection: Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """COPY rows into a table beside."""
    if rows:
        await connection.copy_records_to_table(table, records=rows, schema_name="rebuilt")


async def figures(connection: Connection, table: str, since: datetime) -> asyncpg.Record:
    """Rows and hash of a live table and of the one beside, without those who changed meanwhile."""
    asked = COMPARE.format(
        meanwhile=MEANWHILE, live=FIGURES.format(table=LIVE[table]), beside=FIGURES.format(table=f"rebuilt.{table}")
    )
    (row,) = await connection.fetch(asked, since, timeout=PATIENCE)
    return row


async def differing(connection: Connection, table: str, since: datetime) -> dict[UUID, set[bytes]]:
    """Of whom a live table says something else than the one beside, each with the blocks they stand in wrongly."""
    key = "key" if table == "block" else "NULL::bytea"
    asked = DIFFER.format(meanwhile=MEANWHILE, live=LIVE[table], beside=f"rebuilt.{table}", key=key)
    found: dict[UUID, set[bytes]] = {}
    for row in await connection.fetch(asked, since, timeout=PATIENCE):
        wrong = found.setdefault(row["person_id"], set())
        if row["key"] is not None:
            wrong.add(row["key"])
    return found


async def lock(connection: Connection, people: Collection[UUID]) -> tuple[datetime, list[asyncpg.Record]]:
    """Nobody folds, and nobody writes these people, until this transaction ends. Gives the clock, and them."""
    at = await close_gate(connection)
    return at, await connection.fetch(LOCK, sorted(people))


async def live_rows(connection: Connection, table: str, people: Collection[UUID]) -> set[tuple[object, ...]]:
    """What a live table holds of these people."""
    asked = LIVE_ROWS.format(table=table, columns=", ".join(COLUMNS[table]))
    return {tuple(row) for row in await connection.fetch(asked, list(people), timeout=PATIENCE)}


async def put_right(
    connection: Connection,
    table: str,
    wrong: Collection[tuple[object, ...]],
    missing: Collection[tuple[object, ...]],
    restored: int,
) -> None:
    """Take rows out of a live table, and put others in; so many of them (`restored`) were counted when they were first
    written (shared/reconciliation)."""
    types = list(COLUMNS[table].items())
    if wrong:
        keys = types[: KEYS[table]]
        asked = DELETE.format(
            table=table,
            arrays=arrays(keys),
            keys=", ".join(name for name, _ in keys),
            own=", ".join(f"{table}.{name}" for name, _ in keys),
            others=", ".join(f"wrong.{name}" for name, _ in keys),
        )
        await connection.execute(asked, *columns([row[: len(keys)] for row in wrong]))
    rows = list(missing)
    for mark, some in (("/* restores */", rows[:restored]), ("", rows[restored:])):
        if some:
            names = ", ".join(name for name, _ in types)
            asked = INSERT.format(table=table, mark=mark, columns=names, arrays=arrays(types))
            await connection.execute(asked, *columns(some))


def arrays(types: Sequence[tuple[str, str]]) -> str:
    """Parameters for unnest."""
    return ", ".join(f"${place}::{type_}[]" for place, (_, type_) in enumerate(types, start=1))


async def long(connection: Connection) -> None:
    """Statements over whole tables take their time."""
    await connection.execute(MINUTES)


async def states(connection: Connection, rows: Sequence[tuple[UUID, bytes]]) -> None:
    """Replace states."""
    await connection.execute(STATES, [person for person, _ in rows], [state for _, state in rows])


async def store_households(connection: Connection, numbers: Collection[str]) -> None:
    """Every household that a residency names has a row."""
    await connection.execute(STORE_HOUSEHOLDS, sorted(set(numbers)))


async def count(connection: Connection) -> int:
    """How many people there are, aliases among them."""
    found: int = await connection.fetchval("SELECT count(*) FROM person", timeout=PATIENCE)
    return found
