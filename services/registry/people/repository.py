"""Reading people: links, facts, states; and how much each official has looked for. All SQL of the feature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.audit.log import INSERT_EACH, Reading, for_each
from shared.auth.caller import Caller
from shared.db import Connection

ROOT = "SELECT coalesce(merged_into, person_id) FROM person WHERE person_id = $1"

# Whose name this id was by what was known then, step by step.
ROOT_KNOWN_AT = """
WITH RECURSIVE line(person_id, step) AS (
  SELECT $1::uuid, 0
  UNION ALL SELECT a.into_person, step + 1 FROM line JOIN person_alias a USING (person_id)
             WHERE a.since <= $2 AND (a.until IS NULL OR a.until > $2))
SELECT person_id FROM line ORDER BY step DESC LIMIT 1
"""
HOLDERS = "SELECT person_id FROM identifier_index WHERE blind_index = $1 ORDER BY person_id"

FACTS = """
SELECT f.receipt, f.role, f.body, e.recorded_at, e.lineage FROM fact f JOIN vital_event e USING (receipt)
 WHERE f.person_id = $1
"""

# Who a fact was linked to at a time: where its first later move started, else where it is linked now.
FACTS_KNOWN_AT = """
SELECT f.receipt, f.role, f.body, e.recorded_at, e.lineage
  FROM fact f JOIN vital_event e USING (receipt)
  LEFT JOIN LATERAL (SELECT r.from_person FROM relink r WHERE r.receipt = f.receipt AND r.role = f.role
                        AND r.recorded_at > $2 ORDER BY r.recorded_at LIMIT 1) later ON true
 WHERE (f.person_id = $1 OR (f.receipt, f.role) IN (SELECT receipt, role FROM relink WHERE from_person = $1))
   AND coalesce(later.from_person, f.person_id) = $1
"""

STATES = "SELECT person_id, state, folded_at FROM person WHERE person_id = ANY($1::uuid[])"

# Whoever lives on under these ids, as they are stored.
LIVING = """
SELECT p.person_id AS asked, r.person_id, r.state, r.folded_at FROM person p
  JOIN person r ON r.person_id = coalesce(p.merged_into, p.person_id) WHERE p.person_id = ANY($1::uuid[])
"""

HOUSEHOLDS = "SELECT number, household_id FROM household WHERE number = ANY($1::text[])"

# What is told is gone; several may tell at the same time.
TAKE_GIVEN = """
DELETE FROM look_up_given /* removes */ WHERE given_id IN (
  SELECT given_id FROM look_up_given ORDER BY given_id LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING given_id, person_id, folded_at, given_at, body
"""
# One that is at its quota is not counted any further.
COUNT_SEARCH = """
INSERT INTO searches_asked AS s (department, subject, hour, asked) VALUES ($1, $2, $3, 1)
    ON CONFLICT (department, subject, hour) DO UPDATE SET asked = s.asked + 1 WHERE s.asked < $4
RETURNING asked
"""
# Every day begins with an empty table: a plan made then, joined with all of it, would be kept while it fills. What is
# asked for each row cannot become such a join, and goes by the index.
PEOPLE_SEEN = """
SELECT department, subject, (
  SELECT count(DISTINCT s.person_id) FROM person_seen s
   WHERE (s.department, s.subject, s.seen_on) = (official.department, official.subject, $3)) AS people
  FROM unnest($1::text[], $2::text[]) AS official(department, subject)
"""
SEEN = """
INSERT INTO person_seen (department, subject, seen_on, person_id)
SELECT shown.department, shown.subject, {day}, shown.person_id
  FROM unnest({departments}::text[], {subjects}::text[], {people}::uuid[]) AS shown(department, subject, person_id)
 WHERE (
  SELECT count(*) FROM person_seen s
   WHERE (s.department, s.subject, s.seen_on, s.person_id)
       = (shown.department, shown.subject, {day}, shown.person_id)) = 0
"""
COUNT_SEEN = SEEN.format(departments="$1", subjects="$2", day="$3", people="$4")
# What is given stands with the state that was shown: whoever tells of the look-up compares it (given.py).
WRITE_DOWN = f"""
WITH logged AS ({INSERT_EACH}), counted AS ({SEEN.format(departments="$10", subjects="$11", day="$12", people="$13")})
INSERT INTO look_up_given (person_id, folded_at, body)
SELECT * FROM unnest($14::uuid[], $15::timestamptz[], $16::bytea[])
"""
FORGET_COUNTS = (
    "DELETE FROM person_seen /* removes */ WHERE seen_on < $1",
    "DELETE FROM searches_asked /* removes */ WHERE hour < $1",
)
QUOTAS_REACHED = """
SELECT department, count(DISTINCT subject) AS officials FROM (
  SELECT department, subject FROM searches_asked WHERE hour >= $2 AND asked >= $3
  UNION ALL
  SELECT department, subject FROM person_seen WHERE seen_on = $1
   GROUP BY department, subject HAVING count(DISTINCT person_id) >= $4) reached
 GROUP BY department ORDER BY department
"""


@dataclass(frozen=True, order=True)
class Official:
    """Somebody of a department, as their token says."""

    department: str
    subject: str


async def root_of(connection: Connection, person: UUID) -> UUID | None:
    """The person that lives on under this id; None where there is none."""
    found: UUID | None = await connection.fetchval(ROOT, person)
    return found


async def root_known_at(connection: Connection, person: UUID, known_at: datetime) -> UUID:
    """The person that this id stood for by what was known then."""
    found: UUID = await connection.fetchval(ROOT_KNOWN_AT, person, known_at)
    return found


async def holders(connection: Connection, index: bytes) -> list[UUID]:
    """Everyone who holds an identifier: more than one is an answer, never "the first hit"."""
    return [row["person_id"] for row in await connection.fetch(HOLDERS, index)]


async def facts(connection: Connection, person: UUID, known_at: datetime | None) -> list[asyncpg.Record]:
    """The facts linked to a person, now or as was known at a time."""
    if known_at is None:
        return await connection.fetch(FACTS, person)
    return await connection.fetch(FACTS_KNOWN_AT, person, known_at)


async def households(connection: Connection, numbers: Iterable[str]) -> dict[str, UUID]:
    """Households by their numbers."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    return {row["number"]: row["household_id"] for row in await connection.fetch(HOUSEHOLDS, wanted)}


async def living(connection: Connection, people: Iterable[UUID]) -> dict[UUID, asyncpg.Record]:
    """Whoever these people are now: (person_id, state, folded_at), by the id that was asked for."""
    return {row["asked"]: row for row in await connection.fetch(LIVING, sorted(set(people)))}


async def states(connection: Connection, people: Iterable[UUID]) -> dict[UUID, asyncpg.Record]:
    """People as they are stored: (person_id, state, folded_at)."""
    return {row["person_id"]: row for row in await connection.fetch(STATES, list(people))}


async def count_search(connection: Connection, who: Official, hour: datetime, quota: int) -> bool:
    """Count one more search of an hour; False where the quota is used up."""
    return await connection.fetchval(COUNT_SEARCH, who.department, who.subject, hour, quota) is not None


async def people_seen(connection: Connection, officials: Iterable[Official], day: date) -> dict[Official, int]:
    """Of how many people officials have seen something on a day."""
    who = sorted(set(officials))
    rows = await connection.fetch(PEOPLE_SEEN, [each.department for each in who], [each.subject for each in who], day)
    return {Official(row["department"], row["subject"]): row["people"] for row in rows}


async def seen(connection: Connection, day: date, rows: Sequence[tuple[Official, UUID]]) -> None:
    """Note whom an official sees, in the transaction that shows them."""
    officials = [who for who, _ in rows]
    people = [person for _, person in rows]
    await connection.execute(COUNT_SEEN, [o.department for o in officials], [o.subject for o in officials], day, people)


async def write_down(
    connection: Connection,
    readings: Sequence[tuple[Caller, Reading, str]],
    seen: Sequence[tuple[Official, UUID]],
    given: Sequence[tuple[UUID, datetime, bytes]],
    *,
    action: str,
    day: date,
) -> None:
    """Enter into the access log who read what and on which basis, note whom officials see on a day, and what is given
    of whom, in which state: one statement, in the transaction that shows it."""
    await connection.execute(
        WRITE_DOWN,
        *for_each(readings, action=action),
        [who.department for who, _ in seen],
        [who.subject for who, _ in seen],
        day,
        [person for _, person in seen],
        *([row[place] for row in given] for place in range(3)),
    )


async def forget_counts(connection: Connection, today: date, midnight: datetime) -> None:
    """Remove what was counted on days before today, which began at `midnight`."""
    for statement, before in zip(FORGET_COUNTS, (today, midnight), strict=True):
        await connection.execute(statement, before)


async def quotas_reached(
    connection: Connection, today: date, midnight: datetime, searches: int, people: int
) -> list[dict[str, object]]:
    """Of which departments how many officials have come to one of these quotas today."""
    return [dict(row) for row in await connection.fetch(QUOTAS_REACHED, today, midnight, searches, people)]


async def any_given(connection: Connection) -> bool:
    """Whether there is a look-up of which the exchange is not told yet."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM look_up_given)")
    return found


async def take_given(connection: Connection, limit: int) -> list[asyncpg.Record]:
    """The oldest look-ups of which the exchange is not told yet; they are gone when this transaction commits."""
    return sorted(await connection.fetch(TAKE_GIVEN, limit), key=lambda row: row["given_id"])
