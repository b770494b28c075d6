"""What is known of the use of one person's data. All SQL of the feature."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg

from shared.db import Connection

# The person that lives on, and everyone who turned out to be the same one: what was done then was done to them.
ONE_PERSON = """
SELECT person_id FROM person
 WHERE coalesce(merged_into, person_id) = (SELECT coalesce(merged_into, person_id) FROM person WHERE person_id = $1)
 ORDER BY merged_into IS NOT NULL
"""

BY_CALL = """
SELECT case_id, department, purpose, agreement, until, opened_at, closed_at, reason FROM called_case
 WHERE person_id = $1 AND ($2::uuid IS NULL OR case_id < $2) ORDER BY case_id DESC LIMIT $3
"""

# The same that holds_case counts (services/registry/cases/repository.py), for all departments; but of an adoption a
# record says nothing (protection rule 12).
BY_REPORTING = """
SELECT DISTINCT e.department FROM fact f JOIN vital_event e USING (receipt)
 WHERE f.person_id = $1 AND e.action <> 'annulled' AND e.type NOT IN ('correction.approved', 'adoption.registered')
   AND NOT EXISTS (SELECT 1 FROM vital_event s WHERE s.lineage = e.lineage
                      AND s.supersedes_source = e.source AND s.supersedes_id = e.id)
 ORDER BY e.department
"""

# Not that somebody looked at a protection which the person must not find out (protection rule 12, adoption).
DISCLOSURES = """
SELECT l.access_id, l.at, l.action, l.subject, l.department, l.service, l.purpose, l.fields, l.basis,
       (SELECT b.category FROM flag f JOIN break_glass b ON b.grant_id = f.flag_id
         WHERE f.access_id = l.access_id LIMIT 1) AS break_glass
  FROM access_log l
 WHERE l.reference = ANY($1::text[]) AND l.action <> 'protection-unseen' AND ($2::uuid IS NULL OR l.access_id < $2)
 ORDER BY l.access_id DESC LIMIT $3
"""

# Decisions that made records one person's, as they all still are, and those that took records apart. Of an adoption
# nothing is said (protection rule 12).
MATCHES = """
WITH named AS (
  SELECT k.decision_id, k.kind, n.part, count(*) AS records
    FROM fact f JOIN vital_event e USING (receipt)
    JOIN decided_record n ON (n.source, n.id, n.role) = (e.source, e.id, f.role)
    JOIN link_decision k USING (decision_id)
   WHERE f.person_id = ANY($1::uuid[]) AND k.kind IN ('merge', 'link', 'split', 'undo')
   GROUP BY k.decision_id, k.kind, n.part)
SELECT d.kind, d.weights, v.one, v.other, v.explanation
  FROM link_decision d LEFT JOIN review v USING (review_id)
 WHERE d.decision_id IN (
         SELECT decision_id FROM named
          WHERE kind IN ('split', 'undo') OR records > 1 AND NOT EXISTS (
                SELECT FROM decided_record o JOIN vital_event e USING (source, id)
                  JOIN fact f ON (f.receipt, f.role) = (e.receipt, o.role)
                 WHERE (o.decision_id, o.part) = (named.decision_id, named.part) AND f.person_id <> ALL($1::uuid[])))
   AND NOT EXISTS (SELECT FROM decided_record a JOIN vital_event e USING (source, id)
                    WHERE a.decision_id = d.decision_id AND e.type = 'adoption.registered')
 ORDER BY d.decision_id DESC LIMIT $2
"""

AGREEMENTS = "SELECT identifier, document FROM agreement_told WHERE identifier = ANY($1::text[])"


async def one_person(connection: Connection, person: UUID) -> list[UUID]:
    """Every id of this person, the living one first; empty where there is none."""
    return [row["person_id"] for row in await connection.fetch(ONE_PERSON, person)]


async def by_call(connection: Connection, person: UUID, after: UUID | None, limit: int) -> list[asyncpg.Record]:
    """Cases by call on a person, the newest first."""
    return await connection.fetch(BY_CALL, person, after, limit)


async def by_reporting(connection: Connection, person: UUID) -> list[asyncpg.Record]:
    """Departments with something reported on a person that counts."""
    return await connection.fetch(BY_REPORTING, person)


async def disclosures(
    connection: Connection, people: Sequence[UUID], after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """The access log of a person, the newest first."""
    return await connection.fetch(DISCLOSURES, [str(person) for person in people], after, limit)


async def matches(connection: Connection, people: Sequence[UUID], limit: int) -> list[asyncpg.Record]:
    """What was decided about who is who among a person's records, the newest first."""
    return await connection.fetch(MATCHES, list(people), limit)


async def agreements(connection: Connection, identifiers: Iterable[str]) -> dict[str, str]:
    """Agreements as they were told last, whether they still stand or not: identifier → document."""
    rows = await connection.fetch(AGREEMENTS, sorted(set(identifiers)))
    return {row["identifier"]: row["document"] for row in rows}
