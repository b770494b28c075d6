"""Requests for corrections and what became of them. All SQL of the feature."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from services.registry.facts.page import MISMATCH
from services.registry.facts.values import EventKey
from shared.db import Connection

NEW_ID = "SELECT uuidv7()"

# One open request of one asker for one field: the row of the person is locked, so that two at once are two in turn.
LOCK_PERSON = "SELECT person_id FROM person WHERE person_id = $1 FOR NO KEY UPDATE"
SAME_ASKED = """
SELECT EXISTS (SELECT FROM correction_request
                WHERE person_id = ANY($1::uuid[]) AND field = $2 AND department IS NOT DISTINCT FROM $3
                  AND standing = 'open')
"""
ASK = """
INSERT INTO correction_request (request_id, person_id, field, authority, department, asked_by, body, due)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
ONE = "SELECT * FROM correction_request WHERE request_id = $1"
ONE_LOCKED = f"{ONE} FOR UPDATE"

OF_PERSON = """
SELECT * FROM correction_request
 WHERE person_id = ANY($1::uuid[]) AND ($2::uuid IS NULL OR request_id < $2) ORDER BY request_id DESC LIMIT $3
"""

# In the order of days due; the cursor is a request, whose day is looked up again.
LISTED = """
SELECT * FROM correction_request
 WHERE CASE WHEN $1 THEN department = $2 ELSE authority = $2 END
   AND CASE $3 WHEN 'open' THEN standing = 'open' AND due >= $4 WHEN 'overdue' THEN standing = 'open' AND due < $4
               ELSE $3::text IS NULL OR standing = $3 END
   AND ($5::uuid IS NULL OR (due, request_id) > (SELECT due, request_id FROM correction_request WHERE request_id = $5))
 ORDER BY due, request_id LIMIT $6
"""
DECIDE = """
UPDATE correction_request SET standing = $2, answer = $3, decided_by = $4, settled_by = $5,
       decided_at = clock_timestamp()
 WHERE request_id = $1
"""
WITHDRAW = "UPDATE correction_request SET standing = 'withdrawn' WHERE request_id = $1 AND standing = 'open'"
ANNUL = """
UPDATE correction_request SET standing = 'annulled', annulment = $2, annulled_by = $3, annulled_at = clock_timestamp(),
       acknowledged = NULL
 WHERE request_id = $1
"""
ACKNOWLEDGED = "UPDATE correction_request SET acknowledged = $3 WHERE request_id = $1 AND standing = $2"
ABOUT = """
SELECT e.department, e.action FROM vital_event e JOIN fact f USING (receipt)
 WHERE e.receipt = $1 AND f.person_id = $2 AND e.type <> 'correction.approved' LIMIT 1
"""
EVENT_ABOUT = """
SELECT e.department FROM vital_event e JOIN fact f USING (receipt)
 WHERE (e.source, e.id) = ($1, $2) AND f.person_id = $3 LIMIT 1
"""
PERMIT = """
INSERT INTO correction_permit (source, id, department, request_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
HELD = f"""
SELECT receipt, body FROM held_event
 WHERE department = $1 AND reason = '{MISMATCH}' AND rejected_at IS NULL ORDER BY receipt
"""


async def new_id(connection: Connection) -> UUID:
    """An id in the order of time, known before the row so that what is sealed is bound to it."""
    made: UUID = await connection.fetchval(NEW_ID)
    return made


async def asked_already(connection: Connection, people: Sequence[UUID], field: str, department: str | None) -> bool:
    """Whether the same is asked for already; nobody else asks for it until this transaction ends."""
    await connection.execute(LOCK_PERSON, people[0])
    found: bool = await connection.fetchval(SAME_ASKED, list(people), field, department)
    return found


async def ask(
    connection: Connection,
    request: UUID,
    person: UUID,
    field: str,
    authority: str,
    by: tuple[str | None, str | None],
    body: bytes,
    due: date,
) -> None:
    """Store a request. `by`: department and official; nothing where the person asks."""
    await connection.execute(ASK, request, person, field, authority, *by, body, due)


async def one(connection: Connection, request: UUID, *, locked: bool = False) -> asyncpg.Record | None:
    """One request."""
    return await connection.fetchrow(ONE_LOCKED if locked else ONE, request)


async def of_person(
    connection: Connection, people: Iterable[UUID], after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Requests about a person, the newest first."""
    return await connection.fetch(OF_PERSON, list(people), after, limit)


async def listed(
    connection: Connection,
    department: str,
    standing: str | None,
    today: date,
    after: UUID | None,
    limit: int,
    *,
    asked: bool,
) -> list[asyncpg.Record]:
    """Requests that a department asked, or that it decides, by the day they are due."""
    return await connection.fetch(LISTED, asked, department, standing, today, after, limit)


async def decide(
    connection: Connection, request: UUID, standing: str, answer: bytes, by: str, receipt: UUID | None = None
) -> None:
    """Store a decision about a request that is locked."""
    await connection.execute(DECIDE, request, standing, answer, by, receipt)


async def withdraw(connection: Connection, request: UUID) -> bool:
    """Take a request back; False where it is closed already."""
    done: str = await connection.execute(WITHDRAW, request)
    return done == "UPDATE 1"


async def annul(connection: Connection, request: UUID, reason: bytes, by: str) -> None:
    """Store that an approval was taken back, of a request that is locked."""
    await connection.execute(ANNUL, request, reason, by)


async def acknowledged(connection: Connection, request: UUID, standing: str, said: str) -> None:
    """Store what became of the acknowledgements of a decision; of one that was taken back since, nothing."""
    await connection.execute(ACKNOWLEDGED, request, standing, said)


async def reported_about(connection: Connection, receipt: UUID, person: UUID) -> str | None:
    """The department whose applied event this receipt is, if it is about the person."""
    row = await connection.fetchrow(ABOUT, receipt, person)
    return None if row is None else row["department"]


async def event_about(connection: Connection, event: EventKey, person: UUID) -> str | None:
    """The department whose applied event this is, if it is about the person."""
    found: str | None = await connection.fetchval(EVENT_ABOUT, *event, person)
    return found


async def permit(connection: Connection, event: EventKey, department: str, request: UUID) -> None:
    """Let a department supersede an event of another one's."""
    await connection.execute(PERMIT, *event, department, request)


async def held(connection: Connection, department: str) -> list[asyncpg.Record]:
    """A department's events that are held because what they supersede is another's, or of another type."""
    return await connection.fetch(HELD, department)
