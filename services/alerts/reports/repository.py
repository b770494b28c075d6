"""All SQL of tasks that are said to be wrong."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection

COLUMNS = "report_id, task_id, episode_id, reported_at, sealed"
# Said again, the later words stand.
PUT = """
INSERT INTO task_report (report_id, task_id, episode_id, facility, sealed) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (task_id, facility) DO UPDATE SET sealed = excluded.sealed, reported_at = clock_timestamp()
RETURNING report_id
"""
OF_FACILITY = f"SELECT {COLUMNS} FROM task_report WHERE facility = $1 ORDER BY reported_at, report_id LIMIT 200"
OF_TASK = f"SELECT {COLUMNS} FROM task_report WHERE facility = $1 AND task_id = $2"
SETTLE = "DELETE FROM task_report /* removes */ WHERE report_id = $1 AND facility = $2"
# Care contacts that stand on the facility's list now.
CONTACT = """
SELECT c.episode_id FROM care_contact c JOIN episode e USING (episode_id)
 WHERE c.contact_id = $1 AND c.facility = $2 AND e.state = 'active' FOR KEY SHARE OF e
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


async def of_facility(connection: Connection, facility: str) -> list[Stored]:
    """What is not settled, the oldest first."""
    return [Stored(**row) for row in await connection.fetch(OF_FACILITY, facility)]


async def of_task(connection: Connection, facility: str, task_id: UUID) -> Stored | None:
    """The report about a task, if there is one."""
    row = await connection.fetchrow(OF_TASK, facility, task_id)
    return None if row is None else Stored(**row)


async def settle(connection: Connection, report_id: UUID, facility: str) -> bool:
    """Remove a report; False where there was none."""
    done: str = await connection.execute(SETTLE, report_id, facility)
    return done != "DELETE 0"


async def contact(connection: Connection, contact_id: UUID, facility: str) -> UUID | None:
    """The episode of a care contact of the facility."""
    found: UUID | None = await connection.fetchval(CONTACT, contact_id, facility)
    return found


async def help_mother(connection: Connection, help_id: UUID, facility: str) -> str | None:
    """Whose help it is, where it stands on the facility's list."""
    found: str | None = await connection.fetchval(HELP, help_id, facility)
    return found


async def mothers(connection: Connection, help_ids: list[UUID]) -> dict[UUID, str]:
    """Whose help it is."""
    return {row["help_id"]: row["mother"] for row in await connection.fetch(MOTHERS, help_ids)}
