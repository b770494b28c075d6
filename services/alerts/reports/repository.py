"""All SQL of tasks that are said to be wrong."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.db import Connection

COLUMNS = "report_id, task_id, episode_id, reported_at, sealed"
# Said again, the later words stand.
PUT = """
INSERT INTO task_report (report_id, task_id, episode_id, facility, sealed) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (task_id, facility) DO UPDATE SET sealed = excluded.sealed, reported_at = clock_timestamp()
RETURNING report_id
"""
# A report about care is there for the facility on duty, while the consent holds.
STANDS = """
 facility = $1 AND (episode_id IS NULL OR EXISTS (
   SELECT FROM episode e WHERE e.episode_id = task_report.episode_id AND e.facility = $1 AND e.consent_until >= $2))
"""
OF_FACILITY = f"SELECT {COLUMNS} FROM task_report WHERE {STANDS} ORDER BY reported_at, report_id LIMIT 200"
# For care workers on duty: what was said of one episode's tasks, or of one task.
SAID_OF = f"""
SELECT {COLUMNS} FROM task_report
 WHERE {STANDS} AND (episode_id = $3::uuid OR task_id = $4::uuid) ORDER BY reported_at, report_id LIMIT 50
"""
# For her: all that is kept, whichever facility's worker said it.
OF_EPISODE = f"SELECT {COLUMNS} FROM task_report WHERE episode_id = $1 ORDER BY reported_at, report_id"
SETTLE = f"DELETE FROM task_report /* removes */ WHERE {STANDS} AND report_id = $3"
# Care contacts that stand on the facility's list now.
CONTACT = """
SELECT c.episode_id FROM care_contact c JOIN episode e USING (episode_id)
 WHERE c.contact_id = $1 AND c.facility = $2 AND e.facility = $2 AND e.state = 'active' AND e.consent_until >= $3
   FOR KEY SHARE OF e
"""
HELP = "SELECT mother FROM registration_help WHERE help_id = $1 AND facility = $2 AND state = 'open'"
MOTHERS = "SELECT help_id, mother FROM registration_help WHERE help_id = ANY($1::uuid[])"


@dataclass(frozen=True)
class Stored:
    """A report as stored."""

    report_id: UUID
    task_id: UUID
    episode_id: UUID | None
    reported_at: datetime
    sealed: bytes


async def put(
    connection: Connection, report_id: UUID, task_id: UUID, episode_id: UUID | None, facility: str, sealed: bytes
) -> None:
    """Keep a report; the one there is about this task is replaced."""
    await connection.execute(PUT, report_id, task_id, episode_id, facility, sealed)


async def of_facility(connection: Connection, facility: str, today: date) -> list[Stored]:
    """What is not settled, the oldest first."""
    return [Stored(**row) for row in await connection.fetch(OF_FACILITY, facility, today)]


async def said_of(
    connection: Connection, facility: str, today: date, episode_id: UUID | None, task_id: UUID | None
) -> list[Stored]:
    """What is not settled of an episode's tasks, or of one task, the oldest first."""
    return [Stored(**row) for row in await connection.fetch(SAID_OF, facility, today, episode_id, task_id)]


async def of_episode(connection: Connection, episode_id: UUID) -> list[Stored]:
    """All that is kept of an episode's tasks, the oldest first."""
    return [Stored(**row) for row in await connection.fetch(OF_EPISODE, episode_id)]


async def settle(connection: Connection, report_id: UUID, facility: str, today: date) -> bool:
    """Remove a report; False where there was none."""
    done: str = await connection.execute(SETTLE, facility, today, report_id)
    return done != "DELETE 0"


async def contact(connection: Connection, contact_id: UUID, facility: str, today: date) -> UUID | None:
    """The episode of a care contact of the facility, while the consent holds."""
    found: UUID | None = await connection.fetchval(CONTACT, contact_id, facility, today)
    return found


async def help_mother(connection: Connection, help_id: UUID, facility: str) -> str | None:
    """Whose help it is, where it stands on the facility's list."""
    found: str | None = await connection.fetchval(HELP, help_id, facility)
    return found


async def mothers(connection: Connection, help_ids: list[UUID]) -> dict[UUID, str]:
    """Whose help it is."""
    return {row["help_id"]: row["mother"] for row in await connection.fetch(MOTHERS, help_ids)}
