"""Cases of departments on people: by call, and by reporting. All SQL of the feature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import asyncpg

from shared.db import Connection
from shared.sharing.agreement import Agreement

# Whom a department has reported about, by something that still counts: a number mistyped for a stranger's and then
# corrected is no case on the stranger (the same rule, in memory: rules.py).
REPORTED_ON = """
SELECT DISTINCT f.person_id, e.department, NULL AS agreement
  FROM unnest($1::uuid[], $2::text[]) AS asked(person_id, department)
  JOIN fact f ON f.person_id = asked.person_id
  JOIN vital_event e ON e.receipt = f.receipt AND e.department = asked.department
 WHERE e.action <> 'annulled' AND e.type <> 'correction.approved'
   AND NOT EXISTS (SELECT 1 FROM vital_event s WHERE s.lineage = e.lineage
                      AND s.supersedes_source = e.source AND s.supersedes_id = e.id)
"""
CALLED_FOR = """
SELECT c.person_id, c.department, c.agreement FROM called_case c
  JOIN unnest($1::uuid[], $2::text[]) AS asked(person_id, department)
    ON c.person_id = asked.person_id AND c.department = asked.department
 WHERE c.closed_at IS NULL AND c.until >= $3
"""
HELD = f"{CALLED_FOR} UNION ALL {REPORTED_ON}"

CALLED = "SELECT DISTINCT person_id, department FROM called_case WHERE person_id = ANY($1::uuid[])"

KNOWN = "SELECT case_id FROM called_case WHERE case_id = ANY($1::uuid[])"

OPEN = """
INSERT INTO called_case (case_id, department, person_id, purpose, agreement, until)
VALUES ($1, $2, $3, $4, $5, $6)
"""
NOBODY = """
INSERT INTO called_case (case_id, department, purpose, agreement, until, closed_at, reason)
VALUES ($1, $2, $3, $4, $5, clock_timestamp(), $6)
"""

ENDED = "RETURNING case_id, department, person_id, purpose, agreement, until, reason"
CLOSE = f"""
UPDATE called_case SET closed_at = clock_timestamp(), reason = 'closed'
 WHERE (case_id, department) = ($1, $2) AND person_id IS NOT NULL AND closed_at IS NULL
{ENDED}
"""

# The last day is over, or what the case rests on has ended; a suspended agreement discloses nothing and may come back.
OVERDUE = f"""
UPDATE called_case d SET closed_at = clock_timestamp(),
       reason = CASE WHEN d.until < $1 THEN 'until' ELSE 'agreement-ended' END
 WHERE case_id IN (
  SELECT c.case_id FROM called_case c
   WHERE c.person_id IS NOT NULL AND c.closed_at IS NULL AND (c.until < $1
      OR c.agreement IN (SELECT identifier FROM agreement_told WHERE status = 'ended'))
   ORDER BY c.case_id LIMIT 500 FOR UPDATE SKIP LOCKED)
{ENDED}
"""


@dataclass(frozen=True)
class Ended:
    """A case by call that has ended, and why."""

    case: UUID
    department: str
    person: UUID
    purpose: str
    agreement: str
    until: date
    reason: str


@dataclass
class Held:
    """A department's cases on somebody: by reporting, and by call, on these agreements."""

    reported: bool = False
    agreements: set[str] = field(default_factory=set)


async def held_on(
    connection: Connection, people: Sequence[UUID], department: str, agreements: Sequence[Agreement], today: date
) -> dict[UUID, list[Agreement]]:
    """On whom of these the department holds a case, and which of its agreements that counts for: all of them by
    reporting, by call (until today or later) the one that it named."""
    held = await held_by(connection, [(person, department) for person in people], today)
    found = {person: counting(held.get((person, department)), agreements) for person in people}
    return {person: each for person, each in found.items() if each}


async def held_by(
    connection: Connection, pairs: Iterable[tuple[UUID, str]], today: date
) -> dict[tuple[UUID, str], Held]:
    """Which of these departments hold a case on which of these people, and by what."""
    asked = sorted(set(pairs))
    people, departments = [person for person, _ in asked], [department for _, department in asked]
    found: dict[tuple[UUID, str], Held] = {}
    if not asked:
        return found
    for row in await connection.fetch(HELD, people, departments, today):
        held = found.setdefault((row["person_id"], row["department"]), Held())
        if row["agreement"] is None:
            held.reported = True
        else:
            held.agreements.add(row["agreement"])
    return found


def counting(held: Held | None, agreements: Sequence[Agreement]) -> list[Agreement]:
    """Those of a department's agreements that its cases on somebody count for."""
    if held is None:
        return []
    return [each for each in agreements if held.reported or each.identifier in held.agreements]


async def called(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """Who ever had a case by call on these people: one that is closed here may still stand in a restored exchange."""
    return await connection.fetch(CALLED, list(people))


async def known(connection: Connection, cases: Iterable[UUID]) -> set[UUID]:
    """Which of these were answered before."""
    return {row["case_id"] for row in await connection.fetch(KNOWN, list(cases))}


async def open_case(
    connection: Connection, case: UUID, department: str, person: UUID, purpose: str, agreement: str, until: date
) -> None:
    """Open a case."""
    await connection.execute(OPEN, case, department, person, purpose, agreement, until)


async def nobody(
    connection: Connection, case: UUID, department: str, purpose: str, agreement: str, until: date, reason: str
) -> None:
    """Remember that nobody was found, or looked for: a feed that is read again must not find somebody later."""
    await connection.execute(NOBODY, case, department, purpose, agreement, until, reason)


async def close(connection: Connection, case: UUID, department: str) -> Ended | None:
    """End a case at its department's wish; None where there is none that stands."""
    row = await connection.fetchrow(CLOSE, case, department)
    return None if row is None else ended(row)


async def end_overdue(connection: Connection, today: date) -> list[Ended]:
    """End up to 500 cases whose last day or agreement is over."""
    return sorted(map(ended, await connection.fetch(OVERDUE, today)), key=lambda case: case.case)


def ended(row: asyncpg.Record) -> Ended:
    """A row that has just ended."""
    return Ended(*row)
