"""Contradictions in PostgreSQL. All SQL of the feature."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registry.contradictions.rivals import Correction
from services.registry.facts.lineage import EventHeader
from shared.db import Connection

OF_PEOPLE = """
SELECT contradiction_id, person_id, kind, departments, body, gone_at, explained_at FROM contradiction
 WHERE person_id = ANY($1::uuid[]) AND kind = ANY($2::text[])
"""

# Arrays of arrays must be of one length: departments go as one text.
ADD = """
INSERT INTO contradiction (contradiction_id, person_id, kind, departments, body, first_seen_at, seen_at)
SELECT id, person_id, kind, string_to_array(departments, ','), body, $6, $6
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[]) AS n(id, person_id, kind, departments, body)
ON CONFLICT (contradiction_id) DO UPDATE
   SET departments = excluded.departments, body = excluded.body, seen_at = excluded.seen_at, gone_at = NULL,
       explained_at = NULL, explained_by = NULL, explanation = NULL
"""
GONE = "UPDATE contradiction SET gone_at = $2 WHERE contradiction_id = ANY($1::uuid[])"

ASK = "INSERT INTO family_to_judge (person_id) SELECT unnest($1::uuid[])"

# One judges at a time: what an older look found must never be written over what a newer one did.
ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('contradictions', 0))"
TAKE = """
DELETE FROM family_to_judge /* removes */ WHERE asked_id IN (
  SELECT asked_id FROM family_to_judge ORDER BY asked_id LIMIT $1)
RETURNING person_id
"""

# Whom events about a family mention together, and who somebody is by now.
FAMILY = """
WITH asked AS (SELECT coalesce(p.merged_into, p.person_id) AS person_id FROM person p
                WHERE p.person_id = ANY($1::uuid[])
               UNION SELECT unnest($1::uuid[]))
SELECT person_id FROM asked
UNION
SELECT other.person_id FROM asked JOIN fact mine USING (person_id) JOIN vital_event e USING (receipt)
  JOIN fact other ON other.receipt = mine.receipt
 WHERE e.type IN ('birth.certified', 'marriage.registered', 'marriage.dissolved')
"""

# Of some people, those whom FAMILY would give of whoever waits to be judged.
WAITING = """
WITH waits AS MATERIALIZED (SELECT coalesce(p.merged_into, q.person_id) AS person_id
                              FROM family_to_judge q LEFT JOIN person p USING (person_id)
                             UNION SELECT person_id FROM family_to_judge)
SELECT person_id FROM waits WHERE person_id = ANY($1::uuid[])
UNION
SELECT mine.person_id FROM fact mine JOIN vital_event e USING (receipt)
  JOIN fact other ON other.receipt = mine.receipt JOIN waits ON waits.person_id = other.person_id
 WHERE mine.person_id = ANY($1::uuid[])
   AND e.type IN ('birth.certified', 'marriage.registered', 'marriage.dissolved')
"""

CORRECTIONS = """
SELECT lineage, source, id, time, action, supersedes_source, supersedes_id, department, type, effective_on
  FROM vital_event WHERE lineage = ANY($1::uuid[]) AND supersedes_id IS NOT NULL
"""

# Those whose look anyone may take: `$1` null for the authority on identity, which sees all.
STANDING = """
SELECT c.contradiction_id, coalesce(p.merged_into, p.person_id) AS person_id, c.kind, c.departments, c.body,
       c.first_seen_at, c.seen_at, c.explained_at, c.explained_by, c.explanation
  FROM contradiction c JOIN person p USING (person_id)
 WHERE c.gone_at IS NULL AND ($1::text IS NULL OR $1 = ANY(c.departments))
"""
LISTED = f"""
{STANDING} AND ($2::text IS NULL OR c.kind = $2) AND ($3::text IS NULL OR $3 = ANY(c.departments))
   AND ($4::timestamptz IS NULL OR c.seen_at >= $4) AND (c.explained_at IS NULL OR $5)
   AND ($6::uuid IS NULL OR c.contradiction_id > $6)
 ORDER BY c.contradiction_id LIMIT $7
"""
ONE = f"{STANDING} AND c.contradiction_id = $2 FOR UPDATE OF c"

EXPLAIN = """
UPDATE contradiction SET explained_at = clock_timestamp(), explained_by = $2, explanation = $3
 WHERE contradiction_id = $1 RETURNING explained_at
"""


async def of_people(connection: Connection, people: Collection[UUID], kinds: Iterable[str]) -> list[asyncpg.Record]:
    """What is stored of people, gone ones too."""
    return await connection.fetch(OF_PEOPLE, list(people), list(kinds))


async def put(connection: Connection, rows: Sequence[Sequence[object]], at: datetime) -> None:
    """Store what stands from now on: (id, person, kind, departments, body). Known ids stand anew."""
    await connection.execute(ADD, *(list(column) for column in zip(*rows, strict=True)), at)


async def gone(connection: Connection, ids: Sequence[UUID], at: datetime) -> None:
    """These stand no more."""
    await connection.execute(GONE, list(ids), at)


async def ask(connection: Connection, people: Iterable[UUID]) -> None:
    """Have the families of people judged. Waits for nobody."""
    await connection.execute(ASK, list(people))


async def alone(connection: Connection) -> bool:
    """Whether nobody else judges, until this transaction ends."""
    found: bool = await connection.fetchval(ALONE)
    return found


async def take(connection: Connection, limit: int) -> list[UUID]:
    """The next people to judge; they are asked for no more when this transaction commits."""
    return [row["person_id"] for row in await connection.fetch(TAKE, limit)]


async def family(connection: Connection, people: Iterable[UUID]) -> list[UUID]:
    """People, who they are by now, and everyone whom a birth or marriage mentions with them."""
    return [row["person_id"] for row in await connection.fetch(FAMILY, list(people))]


async def waiting(connection: Connection, people: Collection[UUID]) -> set[UUID]:
    """Those of these people who are to be judged anew beside their relatives."""
    return {row["person_id"] for row in await connection.fetch(WAITING, list(people))}


async def corrections(connection: Connection, lineages: Iterable[UUID]) -> dict[UUID, list[Correction]]:
    """The superseding events of lines of corrections."""
    found: dict[UUID, list[Correction]] = {}
    for row in await connection.fetch(CORRECTIONS, list(lineages)):
        superseded = (row["supersedes_source"], row["supersedes_id"])
        header = EventHeader(row["source"], row["id"], row["time"], row["action"], superseded)
        each = Correction(header, row["department"], row["type"], row["effective_on"])
        found.setdefault(row["lineage"], []).append(each)
    return found


async def listed(
    connection: Connection,
    seen_by: str | None,
    kind: str | None,
    department: str | None,
    since: datetime | None,
    explained: bool,
    after: UUID | None,
    limit: int,
) -> list[asyncpg.Record]:
    """What stands, oldest first."""
    return await connection.fetch(LISTED, seen_by, kind, department, since, explained, after, limit)


async def one(connection: Connection, seen_by: str | None, contradiction: UUID) -> asyncpg.Record | None:
    """One that stands and that the department may see, locked."""
    return await connection.fetchrow(ONE, seen_by, contradiction)


async def explain(connection: Connection, contradiction: UUID, by: str, sealed: bytes) -> datetime:
    """Note why all of it is true; gives when."""
    at: datetime = await connection.fetchval(EXPLAIN, contradiction, by, sealed)
    return at
