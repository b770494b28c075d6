"""Receipts: accepted events with their outcomes. All SQL of the feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.db import Connection

SELECT = """
SELECT j.receipt, j.source, j.id, j.type, j.recorded_at, coalesce(o.status, 'accepted') AS status,
       o.reason, o.decider, o.due, o.settled_at
"""
ALL = f"{SELECT} FROM journal j LEFT JOIN outcome o USING (receipt) WHERE j.department = $1"
ONE = f"{ALL} AND j.receipt = $2"
PAGE = f"{ALL} AND j.receipt > $2 ORDER BY j.receipt LIMIT $3"
# By status the outcomes lead, for they are few where the journal is long; who has none is still on its way.
PAGE_ACCEPTED = f"{ALL} AND j.receipt > $2 AND o.receipt IS NULL ORDER BY j.receipt LIMIT $3"
PAGE_SETTLED = f"""
{SELECT} FROM outcome o JOIN journal j USING (receipt)
 WHERE o.department = $1 AND o.status = $4 AND o.receipt > $2 AND j.receipt > $2 ORDER BY o.receipt LIMIT $3
"""
BEFORE_ALL = UUID(int=0)  # receipts are UUIDv7: every one is greater

# A receipt never goes back: what was applied or rejected stays so; a held one may still be either.
SETTLE = """
INSERT INTO outcome (receipt, department, status, reason, decider, due, settled_at)
SELECT n.receipt, j.department, n.status, n.reason, n.decider, n.due, n.settled_at
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::timestamptz[])
       AS n(receipt, status, reason, decider, due, settled_at) JOIN journal j USING (receipt)
ON CONFLICT (receipt) DO UPDATE SET status = excluded.status, reason = excluded.reason, decider = excluded.decider,
       due = excluded.due, settled_at = excluded.settled_at
 WHERE outcome.status = 'held'
"""

REPORTED = "SELECT receipt, department, source, id FROM journal WHERE receipt = ANY($1::uuid[])"


@dataclass(frozen=True)
class NewOutcome:
    """What the registry says became of one accepted event."""

    receipt: UUID
    status: str
    reason: str | None
    decider: str | None
    due: date | None
    settled_at: datetime


async def one(connection: Connection, department: str, receipt: UUID) -> dict[str, object] | None:
    """One receipt of this department; another's does not exist for it."""
    row = await connection.fetchrow(ONE, department, receipt)
    return None if row is None else dict(row)


async def many(
    connection: Connection, department: str, status: str | None, after: UUID | None, limit: int
) -> list[dict[str, object]]:
    """Receipts of this department in the order of acceptance, after a keyset cursor."""
    where = (department, BEFORE_ALL if after is None else after, limit)
    if status is None or status == "accepted":
        rows = await connection.fetch(PAGE if status is None else PAGE_ACCEPTED, *where)
    else:
        rows = await connection.fetch(PAGE_SETTLED, *where, status)
    return [dict(row) for row in rows]


async def settle(connection: Connection, outcomes: Sequence[NewOutcome]) -> None:
    """Store outcomes; the last one of a receipt within the batch counts."""
    latest = {outcome.receipt: outcome for outcome in outcomes}.values()
    await connection.execute(
        SETTLE,
        [o.receipt for o in latest],
        [o.status for o in latest],
        [o.reason for o in latest],
        [o.decider for o in latest],
        [o.due for o in latest],
        [o.settled_at for o in latest],
    )


async def reported(connection: Connection, receipts: Sequence[UUID]) -> dict[UUID, tuple[str, str, str]]:
    """Who reported: receipt → (department, source, id)."""
    rows = await connection.fetch(REPORTED, list(receipts))
    return {row["receipt"]: (row["department"], row["source"], row["id"]) for row in rows}
