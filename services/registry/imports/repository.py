"""Imports, their chunks, and new people by COPY. All SQL of the feature."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.registry.facts.repository import GATE, STORE_HOUSEHOLDS
from shared.db import Connection

CLOSE_GATE = f"SELECT pg_advisory_xact_lock({GATE}), set_config('lock_timeout', '60s', true)"
NOW = "SELECT clock_timestamp()"

# Whether anything has become known of new people since they were found to be new: one answer, nearly always no.
MEANWHILE = """
SELECT EXISTS (SELECT FROM vital_event WHERE source = $1 AND id = ANY($2::text[]))
    OR EXISTS (SELECT FROM held_event WHERE receipt = ANY($3::uuid[]))
    OR EXISTS (SELECT FROM held_event WHERE waits_for_source = $1 AND waits_for_id = ANY($2::text[]))
    OR EXISTS (SELECT FROM decided_record WHERE source = $1 AND id = ANY($2::text[]))
    OR EXISTS (SELECT FROM identifier_index WHERE blind_index = ANY($4::bytea[]))
    OR EXISTS (SELECT FROM held_number WHERE blind_index = ANY($4::bytea[]))
    OR EXISTS (SELECT FROM decided_record WHERE numbers && $4::bytea[])
"""

# Numbers that anybody has, that an event waits for, or about which something was decided.
KNOWN_NUMBERS = """
SELECT blind_index FROM identifier_index WHERE blind_index = ANY($1::bytea[])
 UNION SELECT blind_index FROM held_number WHERE blind_index = ANY($1::bytea[])
 UNION SELECT n FROM decided_record, unnest(numbers) AS n WHERE numbers && $1::bytea[] AND n = ANY($1::bytea[])
"""
APPLIED = "SELECT id FROM vital_event WHERE source = $1 AND id = ANY($2::text[])"
HELD = "SELECT receipt FROM held_event WHERE receipt = ANY($1::uuid[])"
AWAITED = """
SELECT waits_for_id AS id FROM held_event WHERE waits_for_source = $1 AND waits_for_id = ANY($2::text[])
 UNION SELECT id FROM decided_record WHERE source = $1 AND id = ANY($2::text[])
"""

BEGIN = """
INSERT INTO register_import (digest, file_name, source, rows_in_chunk, standing, told_behind)
VALUES ($1, $2, $3, $4, 'running', $5) RETURNING import_id, digest, file_name, rows_in_chunk, standing, began_at
"""
BY_DIGEST = """
SELECT import_id, digest, file_name, rows_in_chunk, standing, began_at FROM register_import
 WHERE digest = $1 AND standing <> 'cancelled'
"""
UNFINISHED = """
SELECT import_id, digest, file_name, rows_in_chunk, standing, began_at FROM register_import
 WHERE file_name = $1 AND source = $2 AND standing = 'running' ORDER BY import_id DESC LIMIT 1
"""
CHUNKS = "SELECT chunk FROM import_chunk WHERE import_id = $1"
# Only while the import runs: nobody is told of who comes behind its end.
CHUNK = """
INSERT INTO import_chunk (import_id, chunk, imported, folded, held, known, faults, faulty)
SELECT import_id, $2, $3, $4, $5, $6, $7::jsonb, $8 FROM register_import
 WHERE import_id = $1 AND standing = 'running' FOR SHARE
"""
FAULTS = "SELECT chunk, faults FROM import_chunk WHERE import_id = $1 AND chunk > $2 ORDER BY chunk LIMIT 10"
COUNTS = """
SELECT import_id, sum(imported)::int AS imported, sum(folded)::int AS folded, sum(held)::int AS held,
       sum(known)::int AS known, sum(faulty)::int AS faults
  FROM import_chunk WHERE import_id = ANY($1::uuid[]) GROUP BY import_id
"""
END = """
UPDATE register_import SET standing = $2, ended_at = clock_timestamp() WHERE import_id = $1 AND standing = 'running'
"""

TO_TELL = """
SELECT import_id, source, told_behind, began_at, ended_at FROM register_import
 WHERE standing <> 'running' AND told_behind IS NOT NULL ORDER BY import_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# All events in the order of receipts, so that a page costs the same however few of them were imported. Of those, only
# what became known while the import ran: another import of the source told, or will tell, its own. Where two ran at a
# time, the one that ended first tells: it is known by now, and the other one's end does not change it.
TOLD_NEXT = """
SELECT e.receipt, e.source, e.id, e.department, f.person_id, f.role, p.state
  FROM (SELECT receipt, source, id, department, recorded_at FROM vital_event
         WHERE receipt > $1 ORDER BY receipt LIMIT $3) e
  LEFT JOIN fact f ON f.receipt = e.receipt AND e.source = $2 AND e.recorded_at BETWEEN $4 AND $5
   AND NOT EXISTS (SELECT FROM register_import other WHERE other.source = $2
                      AND (other.ended_at, other.import_id) < ($5, $6)
                      AND e.recorded_at BETWEEN other.began_at AND other.ended_at)
  LEFT JOIN person p ON p.person_id = f.person_id AND p.merged_into IS NULL
 ORDER BY e.receipt
"""
GO_ON = "UPDATE register_import SET told_behind = $2 WHERE import_id = $1"

EVENT_COLUMNS = (
    "receipt",
    "source",
    "id",
    "type",
    "department",
    "action",
    "effective_on",
    "time",
    "lineage",
    "recorded_at",
)
RESIDENCY_COLUMNS = ("person_id", "since", "until", "household_number", "household_kind", "relation", "area")
DELTA_COLUMNS = ("kind", "month", "area", "sex", "born", "within", "people")

Rows = Sequence[Sequence[object]]


class Ended(Exception):
    """The import ended meanwhile: none of its chunks may be committed any more."""


class CommittedBefore(Exception):
    """The chunk was committed by another process."""


@dataclass(frozen=True)
class Import:
    """An import as it stands."""

    import_id: UUID
    digest: bytes
    file_name: str
    rows_in_chunk: int
    standing: str
    began_at: datetime


@dataclass(frozen=True)
class Counts:
    """What became of the rows: new people, people who may have been known, held for a clerk, known rows, faults."""

    imported: int = 0
    folded: int = 0
    held: int = 0
    known: int = 0
    faults: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.imported + other.imported,
            self.folded + other.folded,
            self.held + other.held,
            self.known + other.known,
            self.faults + other.faults,
        )


@dataclass(frozen=True)
class Tables:
    """New rows of every table, for COPY. Those of events, people and whom to compare lack the instant at their end."""

    events: Rows
    people: Rows
    facts: Rows
    indexes: Rows
    residencies: Rows
    blocks: Rows
    named: Rows
    counted: Rows
    deltas: Rows
    to_compare: Rows


async def close_gate(connection: Connection) -> datetime:
    """Until this transaction ends nobody folds: what is not known now is not known when it commits. Gives the clock."""
    await connection.execute(CLOSE_GATE)
    found: datetime = await connection.fetchval(NOW)
    return found


async def known_numbers(connection: Connection, indexes: Collection[bytes]) -> set[bytes]:
    """Those of these numbers about which anything is known."""
    return {row[0] for row in await connection.fetch(KNOWN_NUMBERS, list(indexes))}


async def applied(connection: Connection, source: str, ids: Collection[str]) -> set[str]:
    """Those of these events that are applied."""
    return {row[0] for row in await connection.fetch(APPLIED, source, list(ids))}


async def held(connection: Connection, receipts: Collection[UUID]) -> set[UUID]:
    """Those of these events that are held, or were rejected."""
    return {row[0] for row in await connection.fetch(HELD, list(receipts))}


async def awaited(connection: Connection, source: str, ids: Collection[str]) -> set[str]:
    """Those of these events that a correction waits for, or of which something was decided."""
    return {row[0] for row in await connection.fetch(AWAITED, source, list(ids))}


async def known_meanwhile(
    connection: Connection, source: str, ids: Sequence[str], receipts: Sequence[UUID], indexes: Sequence[bytes]
) -> bool:
    """Whether anything is known of any of these events of one source, or of these numbers."""
    found: bool = await connection.fetchval(MEANWHILE, source, ids, receipts, indexes)
    return found


async def copy(connection: Connection, tables: Tables, at: datetime) -> None:
    """Write new people and everything of theirs, recorded at an instant."""
    await put(connection, "vital_event", EVENT_COLUMNS, [(*row, at) for row in tables.events])
    await put(connection, "person", ("person_id", "state", "folded_at"), [(*row, at) for row in tables.people])
    await put(connection, "fact", ("person_id", "receipt", "role", "body"), tables.facts)
    await put(connection, "identifier_index", ("blind_index", "person_id", "type"), tables.indexes)
    await connection.execute(STORE_HOUSEHOLDS, sorted({str(row[3]) for row in tables.residencies}))
    await put(connection, "residency", RESIDENCY_COLUMNS, tables.residencies)
    await put(connection, "block", ("key", "person_id"), tables.blocks)
    await put(connection, "household_named", ("household_number", "person_id"), tables.named)
    await put(connection, "statistic_counted", ("person_id", "cells"), tables.counted)
    await put(connection, "statistic_delta", DELTA_COLUMNS, tables.deltas)
    await put(connection, "to_compare", ("person_id", "queued_at"), [(*row, at) for row in tables.to_compare])


async def put(connection: Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    """COPY rows into a table."""
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=columns)


async def begin(connection: Connection, digest: bytes, file_name: str, source: str, rows_in_chunk: int) -> Import:
    """Begin to import a file. Raises asyncpg.UniqueViolationError where somebody did meanwhile."""
    row = await connection.fetchrow(BEGIN, digest, file_name, source, rows_in_chunk, UUID(int=0))
    assert row is not None
    return Import(**row)


async def by_digest(connection: Connection, digest: bytes) -> Import | None:
    """The import of exactly this file and mapping that runs or is done."""
    row = await connection.fetchrow(BY_DIGEST, digest)
    return None if row is None else Import(**row)


async def unfinished(connection: Connection, file_name: str, source: str) -> Import | None:
    """The newest import of a file of this name that has not ended."""
    row = await connection.fetchrow(UNFINISHED, file_name, source)
    return None if row is None else Import(**row)


async def chunks(connection: Connection, import_id: UUID) -> set[int]:
    """The chunks that are committed."""
    return {row["chunk"] for row in await connection.fetch(CHUNKS, import_id)}


async def chunk_done(
    connection: Connection, import_id: UUID, chunk: int, counts: Counts, faults: Sequence[Sequence[Any]]
) -> None:
    """A chunk is committed with this transaction. Raises CommittedBefore, and Ended."""
    said = json.dumps(faults, ensure_ascii=False)
    numbers = counts.imported, counts.folded, counts.held, counts.known
    try:
        done = await connection.execute(CHUNK, import_id, chunk, *numbers, said, len(faults))
    except asyncpg.UniqueViolationError:
        raise CommittedBefore from None
    if done != "INSERT 0 1":
        raise Ended


async def faults(connection: Connection, import_id: UUID, after: int) -> list[asyncpg.Record]:
    """The faults of the next ten chunks behind number `after`."""
    return await connection.fetch(FAULTS, import_id, after)


async def counts(connection: Connection, imports: Collection[UUID]) -> dict[UUID, Counts]:
    """What became of the rows so far; nothing of imports of which no chunk is committed."""
    rows = await connection.fetch(COUNTS, list(imports)) if imports else []
    return {import_id: Counts(*numbers) for import_id, *numbers in rows}


async def end(connection: Connection, import_id: UUID, *, cancelled: bool = False) -> None:
    """All rows are committed, or all that will be. Waits for the gate: whatever another import recorded before the
    end is committed by then, so that telling what became known meanwhile (TOLD_NEXT) misses nobody. For a
    transaction."""
    await connection.execute(CLOSE_GATE)
    await connection.execute(END, import_id, "cancelled" if cancelled else "done")


async def to_tell(connection: Connection) -> asyncpg.Record | None:
    """An import of which not everybody was told yet; no other worker has it until the transaction ends."""
    return await connection.fetchrow(TO_TELL)


async def told_next(connection: Connection, told: asyncpg.Record, limit: int) -> list[asyncpg.Record]:
    """The next events by receipt; with a person where they are of the import's source and time."""
    return await connection.fetch(
        TOLD_NEXT,
        told["told_behind"],
        told["source"],
        limit,
        told["began_at"],
        told["ended_at"],
        told["import_id"],
    )


async def go_on(connection: Connection, import_id: UUID, behind: UUID | None) -> None:
    """Everybody up to a receipt is told; None: all are."""
    await connection.execute(GO_ON, import_id, behind)
