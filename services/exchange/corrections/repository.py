"""Corrections that departments were told, and their acknowledgements. All SQL of the feature."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from services.exchange.corrections.rules import ACKNOWLEDGE_WITHIN, NewCorrection
from shared.db import Connection

INSERT = """
INSERT INTO correction (entry_id, department, reference, kind, fields, batch, told_at, acknowledge_by)
SELECT entry_id, department, reference, kind, string_to_array(fields, ','), batch, told_at, acknowledge_by
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::date[])
       AS n(entry_id, department, reference, kind, fields, batch, told_at, acknowledge_by)
ON CONFLICT (entry_id) DO NOTHING
"""
INSERT_CAUSES = """
INSERT INTO correction_cause (receipt, entry_id) SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING
"""

# Locked in one order, so that two that acknowledge the same entries wait for each other and never deadlock; the first
# acknowledgement stays.
LOCK = """
SELECT entry_id FROM correction WHERE department = $1 AND entry_id = ANY($2::uuid[]) ORDER BY entry_id
   FOR NO KEY UPDATE
"""
ACKNOWLEDGE = """
UPDATE correction SET acknowledged_at = clock_timestamp(), acknowledged_by = $2
 WHERE entry_id = ANY($1::uuid[]) AND acknowledged_at IS NULL
"""

ALL = """
SELECT correction_id, entry_id, kind, reference, fields, batch, told_at, acknowledge_by, acknowledged_at,
       acknowledged_by
  FROM correction WHERE department = $1 AND correction_id > $2
"""
PAGES = {
    None: f"{ALL} ORDER BY correction_id LIMIT $3",
    "acknowledged": f"{ALL} AND acknowledged_at IS NOT NULL ORDER BY correction_id LIMIT $3",
    "unacknowledged": f"{ALL} AND acknowledged_at IS NULL ORDER BY correction_id LIMIT $3",
    "overdue": f"{ALL} AND acknowledged_at IS NULL AND acknowledge_by < $4 ORDER BY correction_id LIMIT $3",
}

# Neither who holds something of a person nor how many do is a matter of the reporter. So every correction is listed,
# whoever was told of it, and until the last day of all of them it looks the same whether nobody or everybody had to
# acknowledge.
MADE = """
SELECT j.receipt, j.source, j.id, j.type, j.acknowledge_by,
       CASE WHEN bool_or(c.acknowledged_at IS NULL AND c.acknowledge_by < $4) THEN 'overdue'
            WHEN j.acknowledge_by >= $4 OR bool_or(c.entry_id IS NOT NULL AND c.acknowledged_at IS NULL) THEN 'not-yet'
            ELSE 'yes' END AS acknowledged
  FROM (SELECT receipt, source, id, type,
               (settled_at AT TIME ZONE 'Asia/Shanghai')::date + $5::integer AS acknowledge_by
          FROM journal JOIN outcome o USING (receipt)
         WHERE journal.department = $1 AND receipt > $2 AND supersedes_id IS NOT NULL AND o.status = 'applied'
         ORDER BY receipt LIMIT $3) j
  LEFT JOIN correction_cause k USING (receipt)
  LEFT JOIN correction c ON c.entry_id = k.entry_id AND c.department <> $1
 GROUP BY j.receipt, j.source, j.id, j.type, j.acknowledge_by ORDER BY j.receipt
"""

DECIDED = """
INSERT INTO decided_correction (receipt, correction, authority, acknowledge_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (receipt) DO NOTHING
"""
# Whoever is told of it late has to acknowledge, too.
TOLD_LATE = "UPDATE decided_correction SET open = true WHERE receipt = ANY($1::uuid[]) AND NOT open"
# As MADE judges, of those whose last day is over. Another worker's rows are left to it.
TO_LOOK_AT = """
WITH looked AS (
    SELECT * FROM decided_correction
     WHERE open AND acknowledge_by < $1 AND ($2::uuid IS NULL OR receipt > $2) ORDER BY receipt LIMIT $3
       FOR UPDATE SKIP LOCKED)
SELECT d.receipt, d.correction, d.told, d.tellings,
       CASE WHEN bool_or(c.acknowledged_at IS NULL AND c.acknowledge_by < $1) THEN 'overdue'
            WHEN bool_or(c.entry_id IS NOT NULL AND c.acknowledged_at IS NULL) THEN 'not-yet'
            ELSE 'yes' END AS acknowledged
  FROM looked d LEFT JOIN correction_cause k USING (receipt)
  LEFT JOIN correction c ON c.entry_id = k.entry_id AND c.department <> d.authority
 GROUP BY d.receipt, d.correction, d.told, d.tellings ORDER BY d.receipt
"""
# What stands as it was told stays as it is stored: it is looked at every minute.
LOOKED_AT = """
UPDATE decided_correction d
   SET told = n.said, open = n.said <> 'yes', tellings = d.tellings + (d.told <> n.said)::integer
  FROM unnest($1::uuid[], $2::text[]) AS n(receipt, said)
 WHERE d.receipt = n.receipt AND (d.told <> n.said OR n.said = 'yes')
"""

OPEN = """
SELECT department, count(*) AS unacknowledged, count(*) FILTER (WHERE acknowledge_by < $1) AS overdue
  FROM correction WHERE acknowledged_at IS NULL GROUP BY department ORDER BY department
"""
BEFORE_ALL = UUID(int=0)


async def store(connection: Connection, corrections: Sequence[NewCorrection]) -> None:
    """Note what departments are told in this transaction."""
    if not corrections:
        return
    await connection.execute(
        INSERT,
        [each.entry_id for each in corrections],
        [each.key[0] for each in corrections],
        [each.key[1] for each in corrections],
        [each.kind for each in corrections],
        [",".join(each.fields) for each in corrections],
        [each.batch for each in corrections],
        [each.told_at for each in corrections],
        [each.acknowledge_by for each in corrections],
    )
    causes = sorted({(receipt, each.entry_id) for each in corrections for receipt in each.receipts})
    await connection.execute(INSERT_CAUSES, [receipt for receipt, _ in causes], [entry for _, entry in causes])
    await connection.execute(TOLD_LATE, sorted({receipt for receipt, _ in causes}))


async def acknowledge(connection: Connection, department: str, entries: Sequence[UUID], by: str) -> set[UUID]:
    """Acknowledge what is this department's; gives those, also where they had been acknowledged before."""
    own = [row["entry_id"] for row in await connection.fetch(LOCK, department, list(entries))]
    await connection.execute(ACKNOWLEDGE, own, by)
    return set(own)


async def page(
    connection: Connection, department: str, status: str | None, after: UUID | None, limit: int, today: date
) -> list[asyncpg.Record]:
    """Corrections told to a department, in the order in which they were told, after a keyset cursor."""
    where: list[object] = [department, after or BEFORE_ALL, limit]
    return await connection.fetch(PAGES[status], *where, *([today] if status == "overdue" else []))


async def made(
    connection: Connection, department: str, after: UUID | None, limit: int, today: date
) -> list[asyncpg.Record]:
    """What this department corrected, by receipt, and whether all others who had to acknowledge it have."""
    return await connection.fetch(MADE, department, after or BEFORE_ALL, limit, today, ACKNOWLEDGE_WITHIN.days)


async def decided(connection: Connection, receipt: UUID, correction: UUID, authority: str, day: date) -> None:
    """Note a correction that an authority decided, and the last day to acknowledge it."""
    await connection.execute(DECIDED, receipt, correction, authority, day)


async def to_look_at(connection: Connection, today: date, after: UUID | None, most: int) -> list[asyncpg.Record]:
    """Decided corrections whose last day is over, locked, with what was told of them last and how they stand."""
    return await connection.fetch(TO_LOOK_AT, today, after, most)


async def looked_at(connection: Connection, found: Sequence[tuple[UUID, str]]) -> None:
    """Store how these stand, as it is told in this transaction."""
    await connection.execute(LOOKED_AT, [receipt for receipt, _ in found], [said for _, said in found])


async def unacknowledged(connection: Connection, today: date) -> list[dict[str, object]]:
    """By department: how many corrections nobody acknowledged, and how many of these are overdue."""
    return [dict(row) for row in await connection.fetch(OPEN, today)]
