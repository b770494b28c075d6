"""Reading the access log in the order of sealing, and its seals. All SQL of the chain."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from shared.audit.chain import Place, Row, Seal, packed, unpacked
from shared.db import Connection

# One sealer at a time, in all processes: two would make one number twice.
ONE_SEALER = "SELECT pg_try_advisory_xact_lock(hashtext('access_seal'))"
NEWEST = """
SELECT number, last_written_by, last_access_id, rows_so_far, head FROM access_seal ORDER BY number DESC LIMIT 1
"""

# By transaction, not by id: a row with a small id may be committed after one with a larger. What is below the oldest
# transaction that runs is committed or gone, and nothing can be added to it any more.
COLUMNS = """
access_id, at, subject, department, service, facility, purpose, action, reference, fields, basis, written_by
"""
READY = f"""
SELECT {COLUMNS} FROM access_log
 WHERE (written_by, access_id) > ($1, $2) AND written_by < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
 ORDER BY written_by, access_id LIMIT $3
"""
BETWEEN = f"""
SELECT {COLUMNS} FROM access_log WHERE (written_by, access_id) > ($1, $2) AND (written_by, access_id) <= ($3, $4)
 ORDER BY written_by, access_id
"""

ADD = """
INSERT INTO access_seal (number, last_written_by, last_access_id, rows_so_far, leaves, root, head, checkpoint)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
SEALS = """
SELECT number, last_written_by, last_access_id, rows_so_far, leaves, root, head, checkpoint FROM access_seal
 WHERE number > $1 ORDER BY number LIMIT $2
"""
COUNTS = "SELECT count(*) AS seals, coalesce(max(rows_so_far), 0) AS rows FROM access_seal"
CHECKPOINT = "SELECT checkpoint FROM access_seal ORDER BY number DESC LIMIT 1"

# Behind the newest seal. Who was never sealed although it could have been, and what claims a transaction to come.
WAITING = """
SELECT count(*) AS rows, min(at) AS oldest,
       count(*) FILTER (WHERE written_by >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint) AS from_the_future
  FROM access_log WHERE (written_by, access_id) > ($1, $2)
"""
# By the index: after each page of a backlog it costs the same.
FIRST_WAITING = """
SELECT extract(epoch FROM clock_timestamp() - at)::float8 FROM access_log WHERE (written_by, access_id) > ($1, $2)
 ORDER BY written_by, access_id LIMIT 1
"""


@dataclass(frozen=True)
class Stored:
    """A seal as it is stored, with its signed line."""

    seal: Seal
    rows_so_far: int
    checkpoint: str


@dataclass(frozen=True)
class Newest:
    """Where the chain ends."""

    number: int
    last: Place
    rows_so_far: int
    head: bytes


@dataclass(frozen=True)
class Waiting:
    """What no seal holds yet."""

    rows: int
    oldest: datetime | None
    from_the_future: int


async def only_sealer(connection: Connection) -> bool:
    """Whether nobody else is sealing; nobody else will until this transaction ends."""
    alone: bool = await connection.fetchval(ONE_SEALER)
    return alone


async def newest(connection: Connection) -> Newest | None:
    """The end of the chain; None before the first seal."""
    row = await connection.fetchrow(NEWEST)
    if row is None:
        return None
    return Newest(row["number"], (row["last_written_by"], row["last_access_id"]), row["rows_so_far"], row["head"])


async def ready(connection: Connection, after: Place, limit: int) -> list[Row]:
    """The next rows that can be sealed."""
    return [_row(row) for row in await connection.fetch(READY, *after, limit)]


async def between(connection: Connection, after: Place, last: Place) -> list[Row]:
    """The rows that stand where a seal says it begins and ends."""
    return [_row(row) for row in await connection.fetch(BETWEEN, *after, *last)]


async def add(connection: Connection, stored: Stored) -> None:
    """Store a seal."""
    seal = stored.seal
    leaves = packed(seal.leaves)
    await connection.execute(
        ADD, seal.number, *seal.last, stored.rows_so_far, leaves, seal.root, seal.head, stored.checkpoint
    )


async def seals(connection: Connection, after: int, limit: int) -> list[Stored]:
    """Seals in order, after a number."""
    return [_stored(row) for row in await connection.fetch(SEALS, after, limit)]


async def counts(connection: Connection) -> tuple[int, int]:
    """How many seals there are, and how many rows they say they hold."""
    row = await connection.fetchrow(COUNTS)
    return (row["seals"], row["rows"]) if row else (0, 0)


async def checkpoint(connection: Connection) -> str | None:
    """The newest signed line; None before the first."""
    line: str | None = await connection.fetchval(CHECKPOINT)
    return line


async def waiting(connection: Connection, after: Place) -> Waiting:
    """What stands behind the newest seal."""
    row = await connection.fetchrow(WAITING, *after)
    return Waiting(row["rows"], row["oldest"], row["from_the_future"]) if row else Waiting(0, None, 0)


async def first_waiting(connection: Connection, after: Place) -> float:
    """How many seconds ago the row was written that is sealed next; 0 where there is none."""
    age: float | None = await connection.fetchval(FIRST_WAITING, *after)
    return age or 0.0


def _row(row: asyncpg.Record) -> Row:
    return Row(**{**row, "fields": tuple(row["fields"])})


def _stored(row: asyncpg.Record) -> Stored:
    last: tuple[int, UUID] = (row["last_written_by"], row["last_access_id"])
    seal = Seal(row["number"], last, unpacked(row["leaves"]), row["root"], row["head"])
    return Stored(seal, row["rows_so_far"], row["checkpoint"])
