"""Receipts: accepted events with their outcomes. All SQL of the feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.exchange.receipts.rules import LOOK_AGAIN_AFTER, ON_ITS_WAY, Clock, Wanted, first_after
from shared.db import Connection

SELECT = """
SELECT j.receipt, j.source, j.id, j.type, j.batch, j.recorded_at, coalesce(o.status, 'accepted') AS status,
       o.reason, o.decider, o.due, o.settled_at, o.retried_at
"""
ALL = f"{SELECT} FROM journal j LEFT JOIN outcome o USING (receipt) WHERE j.department = $1"
ONE = f"{ALL} AND j.receipt = $2"

ASKED = """
   AND j.receipt > $2 AND ($4::text IS NULL OR j.type = $4) AND ($5::text IS NULL OR j.batch = $5)
   AND ($6::timestamptz IS NULL OR j.recorded_at >= $6) AND ($7::timestamptz IS NULL OR j.recorded_at < $7)
"""
ORDER = "ORDER BY j.receipt LIMIT $3"
PAGE = f"{ALL} {ASKED} {ORDER}"
# Who has no outcome is still on its way.
PAGE_ACCEPTED = f"{ALL} {ASKED} AND o.receipt IS NULL {ORDER}"
# By status or reason the outcomes lead, for they are few where the journal is long.
BY_OUTCOME = (
    f"{SELECT} FROM outcome o JOIN journal j USING (receipt) WHERE o.department = $1 AND o.receipt > $2 {ASKED}"
)
PAGE_SETTLED = f"""
{BY_OUTCOME} AND o.status = ANY($8::text[]) AND ($9::text IS NULL OR o.reason = $9) ORDER BY o.receipt LIMIT $3
"""
PAST_ITS_DAY = f"{BY_OUTCOME} AND o.status = 'held' AND o.due < $8 AND ($10::text IS NULL OR o.reason = $10)"
TOO_SLOW = f"{ALL} {ASKED} AND o.receipt IS NULL AND j.recorded_at < $9 AND ($10::text IS NULL OR $10 = '{ON_ITS_WAY}')"
PAGE_OVERDUE = f"""
SELECT * FROM (({PAST_ITS_DAY} ORDER BY o.receipt LIMIT $3) UNION ALL ({TOO_SLOW} {ORDER})) AS late
 WHERE $11::text IS NULL OR status = $11 ORDER BY receipt LIMIT $3
"""

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

OWN = "SELECT EXISTS (SELECT FROM journal WHERE department = $1 AND receipt = $2)"
STANDING = "SELECT status, retried_at FROM outcome WHERE receipt = $1 FOR UPDATE"
RETRIED = "UPDATE outcome SET retried_at = $2 WHERE receipt = $1"

REPORTED = "SELECT receipt, department, source, id FROM journal WHERE receipt = ANY($1::uuid[])"


@dataclass(frozen=True)
class LookedAt:
    """How a receipt stands that is to be looked at again, and when that was asked; `fresh`: just now, not yet told."""

    status: str
    retried_at: datetime | None
    fresh: bool


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
    connection: Connection, department: str, wanted: Wanted, clock: Clock, after: UUID | None, limit: int
) -> list[dict[str, object]]:
    """Receipts of this department in the order of acceptance, after a keyset cursor."""
    window = (wanted.type, wanted.batch, wanted.since, wanted.until)
    asked = (department, first_after(after, wanted.since), limit, *window)
    match wanted.lead:
        case "journal":
            rows = await connection.fetch(PAGE, *asked)
        case "accepted":
            rows = await connection.fetch(PAGE_ACCEPTED, *asked)
        case "outcomes":
            statuses = [wanted.status] if wanted.status else ["held", "rejected"]  # only those have a reason
            rows = await connection.fetch(PAGE_SETTLED, *asked, statuses, wanted.reason)
        case "overdue":
            late = (clock.today, clock.slow, wanted.reason, wanted.status)
            rows = await connection.fetch(PAGE_OVERDUE, *asked, *late)
    return [dict(row) for row in rows]


async def look_again(connection: Connection, department: str, receipt: UUID, now: datetime) -> LookedAt | None:
    """Note that a held event is to be looked at again; None where this department has no such receipt.

    The row is locked: of many who ask at once one is `fresh`, and so is nobody until a minute has passed.
    """
    if not await connection.fetchval(OWN, department, receipt):
        return None
    row = await connection.fetchrow(STANDING, receipt)
    if row is None or row["status"] != "held":
        return LookedAt("accepted" if row is None else row["status"], None, fresh=False)
    before: datetime | None = row["retried_at"]
    if before is not None and now - before < LOOK_AGAIN_AFTER:
        return LookedAt("held", before, fresh=False)
    await connection.execute(RETRIED, receipt, now)
    return LookedAt("held", now, fresh=True)


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
