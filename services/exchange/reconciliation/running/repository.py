"""The journal, outcomes and cursors beside each other: all SQL of the exchange's running reconciler."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.exchange.cases.repository import CALLED, CASES, calls_of, case_of
from services.exchange.cases.standing import Cases, Key, keys_of
from services.exchange.intake.journal import FEED
from shared.db import Connection
from shared.reconciliation import repository as own

COUNT = "SELECT count(*) FROM journal WHERE partition = $1 AND position BETWEEN $2 AND $3"
GAPS = """
SELECT n FROM generate_series($2::bigint, $3::bigint) AS n
 WHERE NOT EXISTS (SELECT FROM journal j WHERE j.partition = $1 AND j.position = n) ORDER BY n
"""

HEADS = "SELECT partition, epoch, position FROM feed_head WHERE feed = 'vital-events' ORDER BY partition"

PAGE = """
SELECT position, receipt, type, source, id, body FROM journal
 WHERE partition = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4
"""

RECEIPTS = "SELECT position, receipt FROM journal WHERE partition = $1 AND position = ANY($2::bigint[])"

OUTCOMES = "SELECT receipt, status FROM outcome WHERE receipt = ANY($1::uuid[])"

# Where a subscription stands: behind the head of its department's feed, unless that has begun anew.
AHEAD = """
SELECT s.department, s.name FROM subscription s JOIN feed_head h ON h.feed = 'department:' || s.department
 WHERE h.partition = 0 AND s.epoch = h.epoch AND s.position > h.position ORDER BY 1, 2
"""


# Without a lock, unlike the distribution's own.
CALLS = f"""
{CALLED} FROM case_by_call JOIN unnest($1::text[], $2::text[]) AS asked(department, reference)
 USING (department, reference) WHERE status = 'open' ORDER BY case_id
"""

# What is signed today and valid from a later day gives its fields from that day on (Asia/Shanghai).
LAST_STEPS = """
SELECT department, max(at) AS at FROM (
  SELECT a.department, s.at FROM agreement a JOIN agreement_step s USING (identifier, version)
  UNION ALL
  SELECT department, (document ->> 'valid_from')::date::timestamp AT TIME ZONE 'Asia/Shanghai' FROM agreement
   WHERE (document ->> 'valid_from')::date <= $1) AS changed
 GROUP BY department
"""


@dataclass(frozen=True)
class Head:
    """How far a partition of the journal is."""

    partition: int
    epoch: UUID
    position: int


async def gaps(connection: Connection, feed: str, partition: int, first: int, last: int) -> list[int]:
    """The positions from `first` to `last` that have no entry: the journal's in the journal, the others' in theirs."""
    if feed != FEED:
        return await own.gaps(connection, feed, partition, first, last)
    if await connection.fetchval(COUNT, partition, first, last) == last - first + 1:
        return []
    return [row["n"] for row in await connection.fetch(GAPS, partition, first, last)]


async def heads(connection: Connection) -> list[Head]:
    """Every partition of the journal."""
    return [Head(row["partition"], row["epoch"], row["position"]) for row in await connection.fetch(HEADS)]


async def page(connection: Connection, partition: int, after: int, last: int, limit: int) -> list[asyncpg.Record]:
    """Accepted events of a partition in order, sealed."""
    return await connection.fetch(PAGE, partition, after, last, limit)


async def cursor(connection: Connection) -> tuple[UUID | None, int]:
    """How far the registry's changes are followed."""
    return await own.cursor(connection, "changes")


async def outcomes(connection: Connection, receipts: Sequence[UUID]) -> dict[UUID, str]:
    """Status by receipt, of those that have an outcome."""
    return {row["receipt"]: row["status"] for row in await connection.fetch(OUTCOMES, list(receipts))}


async def subscriptions_ahead(connection: Connection) -> list[tuple[str, str]]:
    """Subscriptions that stand beyond the head of what they follow."""
    return [(row["department"], row["name"]) for row in await connection.fetch(AHEAD)]


async def last_steps(connection: Connection, today: date) -> dict[str, datetime]:
    """When what the agreements of each department give last changed."""
    return {row["department"]: row["at"] for row in await connection.fetch(LAST_STEPS, today)}


async def cases(connection: Connection, keys: Iterable[Key], today: date) -> Cases:
    """The cases that stand on these people."""
    asked = keys_of(keys)
    found, called = await connection.fetch(CASES, *asked), await connection.fetch(CALLS, *asked)
    return Cases({(row["department"], row["reference"]): case_of(row) for row in found}, calls_of(called), today)


async def entry_ids(connection: Connection, feed: str, partition: int, positions: Sequence[int]) -> dict[int, UUID]:
    """The ids of entries by position; the journal's are receipts."""
    if feed != FEED:
        return await own.entry_ids(connection, feed, partition, positions)
    return {row["position"]: row["receipt"] for row in await connection.fetch(RECEIPTS, partition, list(positions))}
