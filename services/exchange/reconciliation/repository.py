"""Lists beside the journal: all SQL of departments' own reconciliations."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec

from services.exchange.reconciliation.listed import ListedRow
from shared.db import Connection, Pool

BEGIN = """
INSERT INTO reconciliation (department, first_day, last_day, state, rows) VALUES ($1, $2, $3, 'running', $4)
RETURNING reconciliation_id
"""
KEEP = 50  # lists of a department; each may have a million differences

FORGET = """
DELETE FROM reconciliation /* removes */ WHERE reconciliation_id IN (
  SELECT reconciliation_id FROM reconciliation WHERE department = $1 ORDER BY reconciliation_id DESC OFFSET $2)
"""

PROGRESS = """
UPDATE reconciliation SET compared = $2, moved_at = clock_timestamp() WHERE reconciliation_id = $1 AND state = 'running'
"""
FAIL = """
UPDATE reconciliation SET state = 'failed', moved_at = clock_timestamp() WHERE reconciliation_id = $1
"""
FINISH = """
UPDATE reconciliation SET state = 'done', counts = $2::jsonb, compared = $3, moved_at = clock_timestamp()
 WHERE reconciliation_id = $1
"""

NOT_DATED = "SELECT EXISTS (SELECT FROM journal WHERE department = $1 AND time IS NULL)"

LISTED = "CREATE TEMP TABLE listed (line int, source text, id text, digest bytea) ON COMMIT DROP"

TWICE = """
SELECT min(line) AS first, max(line) AS again FROM listed GROUP BY source, id HAVING count(*) > 1 ORDER BY 2 LIMIT $1
"""

# Superseded: another applied event names it; or a later one names what it, or something it corrects, supersedes
# (the rule of the registry, services/registry/facts/lineage.py). Outcomes are looked up one by one, behind the events
# that name this one: with statistics of yesterday the planner began with all outcomes there are, for each row again.
APPLIED = "(SELECT a.status FROM outcome a WHERE a.receipt = s.receipt) = 'applied'"
SUPERSEDED = f"""
  EXISTS (SELECT FROM (SELECT s.receipt FROM journal s
                        WHERE (s.supersedes_source, s.supersedes_id) = (j.source, j.id) OFFSET 0) s WHERE {APPLIED})
  OR j.supersedes_id IS NOT NULL AND EXISTS (
    WITH RECURSIVE up AS (
      SELECT j.source, j.id, j.time, j.supersedes_source, j.supersedes_id
      UNION
      SELECT p.source, p.id, p.time, p.supersedes_source, p.supersedes_id
        FROM up JOIN journal p ON (p.source, p.id) = (up.supersedes_source, up.supersedes_id))
    SELECT FROM up CROSS JOIN LATERAL (
      SELECT s.receipt, s.time, s.id, s.source FROM journal s
       WHERE (s.supersedes_source, s.supersedes_id) = (up.supersedes_source, up.supersedes_id) OFFSET 0) s
     WHERE {APPLIED}
       AND (s.time, s.id COLLATE "C", s.source COLLATE "C") > (up.time, up.id COLLATE "C", up.source COLLATE "C"))
"""

# One statement, one snapshot of the journal, whose rows are wide and read once: those of the period, and for what is
# listed and not among them one look each.
COMPARE = f"""
WITH period AS MATERIALIZED (
  SELECT source, id, digest, receipt, time, supersedes_source, supersedes_id FROM journal
   WHERE department = $1 AND time >= $2 AND time < $3),
met AS (
  SELECT l.line, coalesce(l.source, p.source) AS source, coalesce(l.id, p.id) AS id, l.digest AS listed,
         coalesce(p.digest, o.digest) AS digest, coalesce(p.receipt, o.receipt) AS receipt,
         coalesce(p.time, o.time) AS time, coalesce(p.supersedes_source, o.supersedes_source) AS supersedes_source,
         coalesce(p.supersedes_id, o.supersedes_id) AS supersedes_id, p.receipt IS NOT NULL AS in_period
    FROM listed l FULL JOIN period p ON (p.source, p.id) = (l.source, l.id)
    LEFT JOIN LATERAL (
      SELECT digest, receipt, time, supersedes_source, supersedes_id FROM journal
       WHERE p.receipt IS NULL AND (source, id) = (l.source, l.id) AND department = $1 OFFSET 0) o ON true)
SELECT line, source, id, listed, digest, receipt, in_period,
       (SELECT o.status FROM outcome o WHERE o.receipt = j.receipt) AS status,
       receipt IS NOT NULL AND ({SUPERSEDED}) AS superseded
  FROM met j ORDER BY line NULLS LAST, receipt
"""

COLUMNS = ("reconciliation_id", "number", "kind", "why", "source", "id", "line", "receipt", "record")

SELECT = """
SELECT reconciliation_id, first_day, last_day, rows, compared, counts, began_at, moved_at,
       CASE WHEN state = 'running' AND moved_at < clock_timestamp() - interval '5 minutes' THEN 'failed' ELSE state END
         AS state
  FROM reconciliation WHERE department = $1
"""
ONE = f"{SELECT} AND reconciliation_id = $2"
MANY = f"{SELECT} ORDER BY reconciliation_id DESC LIMIT $2"

DIFFERENCES = """
SELECT number, kind, why, source, id, line, receipt, record FROM reconciliation_difference
 WHERE reconciliation_id = $1 AND ($2::text IS NULL OR kind = $2) AND number > $3 ORDER BY number LIMIT $4
"""


@dataclass(frozen=True)
class Found:
    """A difference on its way to the table; `record` is sealed."""

    number: int
    kind: str
    why: str
    source: str
    id: str
    line: int | None
    receipt: UUID | None
    record: bytes | None


async def not_dated(connection: Connection, department: str) -> bool:
    """Whether the journal does not yet know of all the department's events when they were (see intake/dating.py)."""
    answer: bool = await connection.fetchval(NOT_DATED, department)
    return answer


async def begin(connection: Connection, department: str, first_day: date, last_day: date, rows: int) -> UUID:
    """Note that a list of `rows` rows is being compared; the oldest ones of the department make room."""
    await connection.execute(FORGET, department, KEEP - 1)
    number: UUID = await connection.fetchval(BEGIN, department, first_day, last_day, rows)
    return number


async def stage(connection: Connection, rows: Iterable[ListedRow]) -> None:
    """Bring the list beside the journal, for this transaction only."""
    await connection.execute("SET LOCAL statement_timeout = '5min'")
    await connection.execute("SET LOCAL work_mem = '64MB'")
    await connection.execute(LISTED)
    await connection.copy_records_to_table("listed", records=rows, columns=ListedRow._fields)
    await connection.execute("ANALYZE listed")


async def twice(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """Lines that name the same vital event: the first and the last of each."""
    return [(row["first"], row["again"]) for row in await connection.fetch(TWICE, limit)]


async def compare(
    connection: Connection, department: str, since: datetime, until: datetime, at_once: int
) -> AsyncIterator[list[asyncpg.Record]]:
    """Every event of list or journal, in portions."""
    cursor = await connection.cursor(COMPARE, department, since, until, timeout=300)
    while rows := await cursor.fetch(at_once):
        yield rows


async def store(connection: Connection, reconciliation: UUID, found: Sequence[Found]) -> None:
    """Store differences."""
    rows = [(reconciliation, f.number, f.kind, f.why, f.source, f.id, f.line, f.receipt, f.record) for f in found]
    await connection.copy_records_to_table("reconciliation_difference", records=rows, columns=COLUMNS)


async def progress(connection: Pool, reconciliation: UUID, compared: int) -> None:
    """Say how far the comparison is."""
    await connection.execute(PROGRESS, reconciliation, compared)


async def fail(connection: Pool, reconciliation: UUID) -> None:
    """The comparison ended without a result."""
    await connection.execute(FAIL, reconciliation)


async def finish(connection: Connection, reconciliation: UUID, counts: dict[str, int], compared: int) -> None:
    """The comparison is complete."""
    await connection.execute(FINISH, reconciliation, msgspec.json.encode(counts).decode(), compared)


async def one(connection: Connection, department: str, reconciliation: UUID) -> asyncpg.Record | None:
    """A list of this department."""
    return await connection.fetchrow(ONE, department, reconciliation)


async def many(connection: Connection, department: str) -> list[asyncpg.Record]:
    """The department's lists, newest first."""
    return await connection.fetch(MANY, department, KEEP)


async def differences(
    connection: Connection, reconciliation: UUID, kind: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    """Differences after a number, in order."""
    return await connection.fetch(DIFFERENCES, reconciliation, kind, after, limit)
