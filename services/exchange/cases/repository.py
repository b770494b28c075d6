"""Cases of departments, under each department's own references. All SQL of the feature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.exchange.cases.standing import Call, Case, Cases, Key, Status, keys_of
from shared.db import Connection

CASES = """
SELECT department, reference, opened_by, opened_at, told, reporting, reported_until, reason FROM department_case
  JOIN unnest($1::text[], $2::text[]) AS asked(department, reference) USING (department, reference)
"""

CALLED = "SELECT case_id, department, purpose, agreement, until, status, reason, reference, opened_at, closed_at"

# Those that stand on people of the page, and those it speaks of; locked, for a department may close one meanwhile.
CALLS = f"""
{CALLED} FROM case_by_call WHERE case_id IN (
  SELECT c.case_id FROM case_by_call c
    JOIN unnest($1::text[], $2::text[]) AS asked(department, reference) USING (department, reference)
   WHERE c.status = 'open' UNION SELECT unnest($3::uuid[]))
 ORDER BY case_id FOR NO KEY UPDATE
"""

STORE = """
INSERT INTO department_case (department, reference, opened_by, opened_at, told, reporting, reported_until, reason)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[], $5::boolean[], $6::boolean[],
                     $7::timestamptz[], $8::text[])
ON CONFLICT (department, reference) DO UPDATE SET opened_by = excluded.opened_by, opened_at = excluded.opened_at,
       told = excluded.told, reporting = excluded.reporting, reported_until = excluded.reported_until,
       reason = excluded.reason
"""

# A case that this database has forgotten, since it came back from a backup, is told whole: it gets a name of its own.
STORE_CALLS = """
INSERT INTO case_by_call (case_id, department, id, digest, purpose, agreement, until, status, reason, reference,
                          opened_at, closed_at)
SELECT case_id, department, case_id::text, ''::bytea, purpose, agreement, until, status, reason, reference, opened_at,
       closed_at
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[],
              $9::timestamptz[], $10::timestamptz[])
       AS n(case_id, department, purpose, agreement, until, status, reason, reference, opened_at, closed_at)
ON CONFLICT (case_id) DO UPDATE SET status = excluded.status, reason = excluded.reason,
       reference = excluded.reference, opened_at = excluded.opened_at, closed_at = excluded.closed_at
"""

ASK = """
INSERT INTO case_by_call (case_id, department, id, digest, purpose, agreement, until, asked_on, asked_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (department, id) DO NOTHING
"""
ASKED = "SELECT case_id, digest, status FROM case_by_call WHERE (department, id) = ($1, $2)"

# Held to the end of the transaction: of a department's questions one is counted after the other, in every process.
ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('cases of ' || $1, 0))"

# Who is told that nobody was found has tried somebody out; so has, maybe, who closed the case before it was answered.
NOT_FOUND_COUNTS = 5
COUNTED = f"""
SELECT department, asked_by, CASE WHEN opened_at IS NULL AND (status = 'not-found' OR reason = 'closed')
                                  THEN {NOT_FOUND_COUNTS} ELSE 1 END AS counts
  FROM case_by_call
"""
USED = f"""
SELECT coalesce(sum(counts), 0) AS department, coalesce(sum(counts) FILTER (WHERE asked_by = $3), 0) AS official
  FROM ({COUNTED} WHERE department = $1 AND asked_on = $2) counted
"""
REACHED = f"""
SELECT department, count(*) FILTER (WHERE used >= $2) AS officials, sum(used) >= $3 AS whole_department
  FROM (SELECT department, asked_by, sum(counts) AS used FROM ({COUNTED} WHERE asked_on = $1) counted
         GROUP BY department, asked_by) each
 GROUP BY department HAVING count(*) FILTER (WHERE used >= $2) > 0 OR sum(used) >= $3 ORDER BY department
"""

CLOSE = """
UPDATE case_by_call SET status = 'ended', reason = 'closed', closed_at = clock_timestamp()
 WHERE (department, case_id) = ($1, $2) AND status IN ('asked', 'open')
"""

CALL = """
SELECT case_id AS "case", id, 'call' AS opened_by, NULL::uuid AS receipt, status, reason, reference, purpose, agreement,
       until, asked_at, opened_at, closed_at
  FROM case_by_call WHERE department = $1
"""
# A row that only says what was told is no case by reporting.
BY_REPORTING = """
SELECT c.case_id AS "case", NULL AS id, 'reporting' AS opened_by, j.receipt,
       CASE WHEN c.reporting THEN 'open' ELSE 'ended' END AS status, CASE WHEN c.reporting THEN NULL ELSE c.reason END,
       c.reference, NULL AS purpose, NULL AS agreement, NULL::date AS until, NULL::timestamptz AS asked_at, c.opened_at,
       CASE WHEN c.reporting THEN NULL ELSE c.reported_until END
  FROM department_case c LEFT JOIN journal j ON j.receipt = c.opened_by
 WHERE c.department = $1 AND (c.reporting OR c.reported_until IS NOT NULL)
"""
# Both kinds as one list, in the order of their names.
PAGE = f"""
SELECT * FROM (
  ({CALL} AND case_id > $2 AND ($3::text IS NULL OR status = $3) ORDER BY case_id LIMIT $4)
  UNION ALL
  ({BY_REPORTING} AND c.case_id > $2
     AND ($3::text IS NULL OR $3 = CASE WHEN c.reporting THEN 'open' ELSE 'ended' END) ORDER BY c.case_id LIMIT $4)
) listed ORDER BY "case" LIMIT $4
"""
ONE = f"{CALL} AND case_id = $2 UNION ALL {BY_REPORTING} AND c.case_id = $2"
BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True)
class Asked:
    """A case that a department asked for under an id of its own."""

    case: UUID
    digest: bytes
    status: Status


@dataclass(frozen=True)
class Asking:
    """Who asks on which day (Asia/Shanghai); the official by a keyed digest of the token's subject."""

    department: str
    day: date
    official: bytes


@dataclass(frozen=True)
class Used:
    """What was asked on one day, as it counts, by all of the department and by one official of it."""

    department: int
    official: int


async def cases(connection: Connection, keys: Iterable[Key], calls: Iterable[UUID], today: date) -> Cases:
    """The cases on these people, and these cases by call."""
    departments, references = keys_of(keys)
    found = await connection.fetch(CASES, departments, references)
    called = await connection.fetch(CALLS, departments, references, sorted(set(calls)))
    return Cases({(row["department"], row["reference"]): case_of(row) for row in found}, calls_of(called), today)


def case_of(row: asyncpg.Record) -> Case:
    """A row of department_case."""
    return Case(row["opened_by"], row["opened_at"], row["told"], row["reporting"], row["reported_until"], row["reason"])


def calls_of(rows: Sequence[asyncpg.Record]) -> dict[UUID, Call]:
    """Rows of case_by_call."""
    return {row["case_id"]: Call(*row) for row in rows}


async def store(connection: Connection, changed: Mapping[Key, Case], calls: Mapping[UUID, Call]) -> None:
    """Write what became of cases; sorted, so that two writers cannot deadlock."""
    if changed:
        rows = sorted(changed.items(), key=lambda row: row[0])
        await connection.execute(
            STORE,
            [department for (department, _), _ in rows],
            [reference for (_, reference), _ in rows],
            [case.opened_by for _, case in rows],
            [case.opened_at for _, case in rows],
            [case.told for _, case in rows],
            [case.reporting for _, case in rows],
            [case.reported_until for _, case in rows],
            [case.reason for _, case in rows],
        )
    if calls:
        known = [calls[case] for case in sorted(calls)]
        await connection.execute(
            STORE_CALLS,
            [call.case for call in known],
            [call.department for call in known],
            [call.purpose for call in known],
            [call.agreement for call in known],
            [call.until for call in known],
            [call.status for call in known],
            [call.reason for call in known],
            [call.reference for call in known],
            [call.opened_at for call in known],
            [call.closed_at for call in known],
        )


async def new_name(connection: Connection) -> UUID:
    """A name for a new case, in the order of time."""
    case: UUID = await connection.fetchval("SELECT uuidv7()")
    return case


async def ask(
    connection: Connection,
    case: UUID,
    asking: Asking,
    id_: str,
    digest: bytes,
    purpose: str,
    agreement: str,
    until: date,
) -> bool:
    """Note that a case is asked for; False where the department's id is taken."""
    said = (id_, digest, purpose, agreement, until)
    done: str = await connection.execute(ASK, case, asking.department, *said, asking.day, asking.official)
    return done == "INSERT 0 1"


async def asked(connection: Connection, department: str, id_: str) -> Asked | None:
    """The case that the department asked for under this id."""
    row = await connection.fetchrow(ASKED, department, id_)
    return None if row is None else Asked(row["case_id"], row["digest"], row["status"])


async def used(connection: Connection, asking: Asking) -> Used:
    """What was asked so far; whoever of the department asks at the same time waits for the end of this transaction."""
    await connection.execute(ONE_BY_ONE, asking.department)
    row = await connection.fetchrow(USED, asking.department, asking.day, asking.official)
    return Used(0, 0) if row is None else Used(int(row["department"]), int(row["official"]))


async def reached(connection: Connection, day: date, official: int, department: int) -> list[dict[str, object]]:
    """The departments of which on that day officials, or all together, have asked as much as these quotas allow."""
    return [dict(row) for row in await connection.fetch(REACHED, day, official, department)]


async def close(connection: Connection, department: str, case: UUID) -> bool:
    """End a case by call; False where there is none of this department that could end."""
    done: str = await connection.execute(CLOSE, department, case)
    return done == "UPDATE 1"


async def page(
    connection: Connection, department: str, status: str | None, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """The department's cases of both kinds after a keyset cursor."""
    return await connection.fetch(PAGE, department, after or BEFORE_ALL, status, limit)


async def one(connection: Connection, department: str, case: UUID) -> asyncpg.Record | None:
    """One case of the department; another's does not exist for it."""
    return await connection.fetchrow(ONE, department, case)
