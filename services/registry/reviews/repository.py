"""Reviews and what was decided. All SQL of the feature."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.registry.facts.values import Mention
from services.registry.identity.decisions import Decision
from shared.db import Connection

RECORDS = """
SELECT d.decision_id, d.kind, d.decided_at, r.source, r.id, r.role, r.part, r.numbers
  FROM decided_record r JOIN link_decision d USING (decision_id) WHERE decision_id IN
"""

# Whoever names one of these records, or one with one of these identifiers: what overrides a decision names its records.
DECISIONS_OF = f"""{RECORDS} (
  SELECT n.decision_id FROM unnest($1::text[], $2::text[], $3::text[]) AS k(source, id, role)
    JOIN decided_record n ON (n.source, n.id, n.role) = (k.source, k.id, k.role)
   UNION SELECT decision_id FROM decided_record WHERE numbers && $4::bytea[])
"""

DECISIONS_ABOUT = f"""{RECORDS} (
  SELECT n.decision_id FROM fact f JOIN vital_event e USING (receipt)
    JOIN decided_record n ON (n.source, n.id, n.role) = (e.source, e.id, f.role)
   WHERE f.person_id = ANY($1::uuid[]))
"""

HOLD = """
INSERT INTO review (kind, receipt, due)
SELECT kind, receipt, $3 FROM unnest($1::text[], $2::uuid[]) AS held(kind, receipt)
ON CONFLICT (receipt) WHERE standing = 'open' DO NOTHING
"""

LAPSE = """
UPDATE review SET standing = 'lapsed', closed_at = clock_timestamp()
 WHERE receipt = ANY($1::uuid[]) AND standing = 'open'
"""

REVIEW = "SELECT * FROM review WHERE review_id = $1"

LIST = """
SELECT * FROM review WHERE ($1::uuid IS NULL OR review_id > $1) AND standing = $2 AND ($3::text IS NULL OR kind = $3)
 ORDER BY review_id LIMIT $4
"""

CLOSE = "UPDATE review SET standing = $2, closed_at = clock_timestamp() WHERE review_id = $1 AND standing = 'open'"

DECIDE = """
INSERT INTO link_decision (decision_id, review_id, kind, subject, department, weights, decided_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
NAME_RECORDS = (
    "INSERT INTO decided_record (decision_id, source, id, role, part, numbers) VALUES ($1, $2, $3, $4, $5, $6)"
)

DECIDED = """
SELECT kind, subject, department, weights, decided_at FROM link_decision WHERE review_id = $1 ORDER BY decision_id
"""


async def decisions_of(
    connection: Connection, mentions: Collection[Mention], numbers: Iterable[bytes]
) -> list[Decision]:
    """What was decided about these records, and about any with one of these identifiers (blind indexes)."""
    sources, ids, roles = [list(column) for column in zip(*mentions, strict=True)] if mentions else ([], [], [])
    return decisions(await connection.fetch(DECISIONS_OF, sources, ids, roles, sorted(set(numbers))))


async def decisions_about(connection: Connection, people: Collection[UUID]) -> list[Decision]:
    """What was decided about any record of these people."""
    return decisions(await connection.fetch(DECISIONS_ABOUT, list(people)))


def decisions(rows: Iterable[asyncpg.Record]) -> list[Decision]:
    """Rows of records as decisions."""
    parts: dict[UUID, dict[Mention, int]] = {}
    numbers: dict[UUID, dict[Mention, frozenset[bytes]]] = {}
    made = {}
    for row in rows:
        identifier, mention = row["decision_id"], (row["source"], row["id"], row["role"])
        parts.setdefault(identifier, {})[mention] = row["part"]
        numbers.setdefault(identifier, {})[mention] = frozenset(row["numbers"])
        made[identifier] = (row["kind"], row["decided_at"])
    return [Decision(each, *made[each], parts[each], numbers[each]) for each in made]


async def store(
    connection: Connection,
    decision: Decision,
    decided_at: datetime,
    *,
    review: UUID | None,
    who: tuple[str, str | None],
    reason: bytes,
    weights: str | None,
) -> None:
    """Write down a decision: who (subject, department), why (sealed), and a machine's weights."""
    await connection.execute(DECIDE, decision.identifier, review, decision.kind, *who, weights, decided_at, reason)
    records = [
        (decision.identifier, *mention, part, sorted(decision.numbers.get(mention, ())))
        for mention, part in sorted(decision.parts.items())
    ]
    await connection.executemany(NAME_RECORDS, records)


async def hold(connection: Connection, held: Sequence[tuple[UUID, str]], due: date) -> None:
    """Open a review for each held event (receipt, kind) that has none."""
    await connection.execute(HOLD, [kind for _, kind in held], [receipt for receipt, _ in held], due)


async def lapse(connection: Connection, receipts: Iterable[UUID]) -> None:
    """Nobody has to decide any more: the event was applied, or its day has passed."""
    await connection.execute(LAPSE, list(receipts))


async def review(connection: Connection, identifier: UUID, *, locked: bool = False) -> asyncpg.Record | None:
    """One review."""
    return await connection.fetchrow(REVIEW + (" FOR NO KEY UPDATE" if locked else ""), identifier)


async def listed(
    connection: Connection, after: UUID | None, standing: str, kind: str | None, limit: int
) -> list[asyncpg.Record]:
    """Reviews, the oldest first."""
    return await connection.fetch(LIST, after, standing, kind, limit)


async def close(connection: Connection, identifier: UUID, standing: str) -> bool:
    """Close a review; whether it was open."""
    done: str = await connection.execute(CLOSE, identifier, standing)
    return done == "UPDATE 1"


async def decided(connection: Connection, identifier: UUID) -> list[asyncpg.Record]:
    """What was decided in a review."""
    return await connection.fetch(DECIDED, identifier)
