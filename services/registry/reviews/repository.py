"""Reviews and what was decided. All SQL of the feature."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.registry.facts.page import Split
from services.registry.facts.told import Moved, entry_of
from services.registry.facts.values import Mention
from services.registry.identity.decisions import Decision
from services.registry.imports.receipts import is_imported
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
ON CONFLICT (receipt) WHERE standing = 'open' DO UPDATE SET kind = excluded.kind WHERE review.kind <> excluded.kind
"""

LAPSE = """
UPDATE review SET standing = 'lapsed', closed_at = clock_timestamp()
 WHERE receipt = ANY($1::uuid[]) AND standing = 'open'
"""

# Who became another's name is looked at anew by the matcher, under the name that goes on.
LAPSE_OF = """
UPDATE review SET standing = 'lapsed', closed_at = clock_timestamp()
 WHERE standing = 'open' AND (one = ANY($1::uuid[]) OR other = ANY($1::uuid[]))
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


PART = """
WITH leaving AS (
  SELECT f.receipt, f.role, e.source, e.id, e.department
    FROM unnest($1::text[], $2::text[], $3::text[]) AS k(source, id, role)
    JOIN vital_event e ON (e.source, e.id) = (k.source, k.id)
    JOIN fact f ON (f.receipt, f.role) = (e.receipt, k.role) WHERE f.person_id = $4),
noted AS (
  INSERT INTO relink (receipt, role, recorded_at, from_person, to_person)
  SELECT receipt, role, $6, $4, $5 FROM leaving)
UPDATE fact f SET person_id = $5 FROM leaving l WHERE (f.receipt, f.role) = (l.receipt, l.role)
RETURNING f.receipt, f.role, l.source, l.id, l.department
"""

RESTORE = """
UPDATE person_alias SET until = $3 WHERE person_id = $1 AND until IS NULL
   AND EXISTS (SELECT FROM person p WHERE p.person_id = $1 AND p.merged_into = $2)
RETURNING cases
"""
# The id itself is nobody's name any more, and those that were its names are so again.
RENAME = """
WITH RECURSIVE names AS (
  SELECT $1::uuid AS person_id
   UNION SELECT a.person_id FROM person_alias a JOIN names n ON a.into_person = n.person_id AND a.until IS NULL)
UPDATE person p SET merged_into = CASE WHEN p.person_id = $1 THEN NULL ELSE $1 END
  FROM names WHERE p.person_id = names.person_id RETURNING p.person_id
"""
MOVE_CASES = (
    "UPDATE called_case SET person_id = $1 WHERE person_id = $2 AND case_id = ANY($3::uuid[]) RETURNING case_id"
)

INDEX_ANEW = "INSERT INTO identifier_index (blind_index, person_id, type) VALUES ($1, $2, $3)"

ALIAS = """
SELECT p.person_id, p.merged_into, a.since, a.into_person FROM person p JOIN person_alias a USING (person_id)
 WHERE p.person_id = $1 AND p.merged_into IS NOT NULL AND a.until IS NULL
"""

NAMES_OF = (
    "SELECT person_id, since FROM person_alias WHERE into_person = $1 AND until IS NULL ORDER BY person_id, since"
)

# What had been a former person's own; and what came to the person since, in the merge or after it.
LEFT_WITH = """
SELECT e.source, e.id, r.role FROM relink r JOIN vital_event e USING (receipt)
 WHERE r.from_person = $1 AND r.recorded_at = $2
"""

ASK = """
INSERT INTO review (kind, one, other, score, explanation, asked_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (one, other, kind) WHERE standing = 'open' DO NOTHING RETURNING review_id
"""
# Until this transaction ends nobody of them is merged, or parted.
STAY = "SELECT person_id FROM person WHERE person_id = ANY($1::uuid[]) AND merged_into IS NULL ORDER BY 1 FOR SHARE"
ASK_TOO = (
    "UPDATE review SET explanation = $2, asked_by = $3 WHERE review_id = $1 AND (asked_by IS NULL OR asked_by = $4)"
)
OPEN_OF_PAIR_LOCKED = """
SELECT * FROM review WHERE (one, other, kind) = ($1, $2, $3) AND standing = 'open' FOR NO KEY UPDATE
"""
OPEN_OF_PAIR = "SELECT review_id FROM review WHERE (one, other, kind) = ($1, $2, $3) AND standing = 'open'"


async def part(connection: Connection, split: Split, recorded_at: datetime) -> Moved:
    """Re-point records from one person to another."""
    columns = [list(column) for column in zip(*sorted(split.mentions), strict=True)] or [[], [], []]
    rows = await connection.fetch(PART, *columns, split.person, split.into, recorded_at)
    entries = {
        row["receipt"]: entry_of(row["department"], row["source"], row["id"])
        for row in rows
        if is_imported(row["receipt"])
    }
    return Moved(split, tuple(sorted((row["receipt"], row["role"]) for row in rows)), imported=entries)


async def restore(connection: Connection, split: Split, moved: Moved, recorded_at: datetime) -> Moved:
    """Make a former name a person again, with its own former names and the cases that had moved along."""
    cases = await connection.fetchval(RESTORE, split.into, split.person, recorded_at) or []
    names = {row["person_id"] for row in await connection.fetch(RENAME, split.into)} - {split.into}
    gone = await connection.fetch(MOVE_CASES, split.into, split.person, cases)
    return replace(moved, cases=tuple(sorted(row["case_id"] for row in gone)), former=tuple(sorted(names)))


async def index_anew(connection: Connection, people: Sequence[UUID], rows: Sequence[tuple[bytes, UUID, str]]) -> None:
    """Replace the identifiers by which these people are found."""
    await connection.execute("DELETE FROM identifier_index /* removes */ WHERE person_id = ANY($1::uuid[])", people)
    await connection.executemany(INDEX_ANEW, rows)


async def alias(connection: Connection, person: UUID) -> asyncpg.Record | None:
    """Whose name this id is, and since when; None for one that is a person."""
    return await connection.fetchrow(ALIAS, person)


async def names_of(connection: Connection, person: UUID) -> list[asyncpg.Record]:
    """The former people who became this one, each with the instant."""
    return await connection.fetch(NAMES_OF, person)


async def left_with(connection: Connection, person: UUID, since: datetime) -> set[Mention]:
    """The records that a person had when they became another's name."""
    return {(row["source"], row["id"], row["role"]) for row in await connection.fetch(LEFT_WITH, person, since)}


async def ask(
    connection: Connection,
    kind: str,
    one: UUID,
    other: UUID,
    *,
    score: float | None = None,
    explanation: bytes | None = None,
    asked_by: str | None = None,
) -> UUID:
    """Open a review of two people; the one there is where it is open already."""
    found: UUID | None = await connection.fetchval(ASK, kind, one, other, score, explanation, asked_by)
    return found or await connection.fetchval(OPEN_OF_PAIR, one, other, kind)


async def stay(connection: Connection, people: Iterable[UUID]) -> bool:
    """Whether all of these are nobody's former name; then they stay as they are until this transaction ends."""
    wanted = sorted(set(people))
    return len(await connection.fetch(STAY, wanted)) == len(wanted)


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


async def lapse_of(connection: Connection, people: Iterable[UUID]) -> None:
    """Reviews of people who were merged ask nothing any more."""
    await connection.execute(LAPSE_OF, list(people))


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


async def ask_too(connection: Connection, identifier: UUID, explanation: bytes, asked_by: str, machine: str) -> None:
    """An official asks what the machine had asked, in its name or in nobody's: from now on another one decides."""
    await connection.execute(ASK_TOO, identifier, explanation, asked_by, machine)


async def open_of_pair(connection: Connection, kind: str, one: UUID, other: UUID) -> asyncpg.Record | None:
    """The open review of two people, locked."""
    return await connection.fetchrow(OPEN_OF_PAIR_LOCKED, one, other, kind)


async def known(connection: Connection, people: Sequence[UUID]) -> bool:
    """Whether all of these are people, or were."""
    found: int = await connection.fetchval("SELECT count(*) FROM person WHERE person_id = ANY($1::uuid[])", people)
    return found == len(set(people))


async def decided(connection: Connection, identifier: UUID) -> list[asyncpg.Record]:
    """What was decided in a review."""
    return await connection.fetch(DECIDED, identifier)
