"""Agreements, their standing and their steps. All SQL of the feature."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.db import Connection
from shared.sharing.agreement import Agreement, agreement_of

# Whoever changes anything holds this until its transaction ends: what is judged together stays as it was judged, and
# steps become visible in the order of their numbers.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('tenfold:agreements'))"
NEWEST = "SELECT max(step) FROM agreement_step"
ALL = "SELECT identifier, version, department, standing, provisioned, document FROM agreement ORDER BY 1, 2"
INSERT = """
INSERT INTO agreement (identifier, version, department, standing, provisioned, document)
VALUES ($1, $2, $3, $4, $5, $6::jsonb)
"""
STAND = "UPDATE agreement SET standing = $3 WHERE identifier = $1 AND version = $2"
STEP = """
INSERT INTO agreement_step (identifier, version, what, department, role, subject, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING entry_id
"""
STEPS = """
SELECT step, entry_id, identifier, version, at, what, department, role, subject, reason FROM agreement_step
 WHERE $1::text IS NULL OR identifier = $1 ORDER BY step
"""
PURGE = """
INSERT INTO feed_purge (department, asked) VALUES ($1, 1)
ON CONFLICT (department) DO UPDATE SET asked = feed_purge.asked + 1, ended_since = NULL
"""
CASES_ENDED = """
INSERT INTO feed_purge (department, asked, ended_since)
SELECT department, 0, clock_timestamp() FROM unnest($1::text[]) AS d(department)
ON CONFLICT (department) DO UPDATE SET ended_since = coalesce(feed_purge.ended_since, excluded.ended_since)
"""
PURGE_DUE = """
UPDATE feed_purge SET asked = asked + 1, ended_since = NULL
 WHERE ended_since <= clock_timestamp() - make_interval(secs => $1)
"""
PURGES = "SELECT asked, done FROM feed_purge WHERE department = $1"
PURGE_AGAIN = "UPDATE feed_purge SET asked = asked + 1 WHERE department = $1 AND asked = done AND asked > $2"
PURGED = "UPDATE feed_purge SET done = greatest(done, $2) WHERE department = $1"
TOUCHED = "SELECT DISTINCT identifier FROM agreement_step WHERE role NOT IN ('provisioning', 'clock')"


@dataclass(frozen=True)
class Version:
    """One version of an agreement as stored; `document` is JSON."""

    identifier: str
    version: int
    department: str
    standing: str
    provisioned: bool
    document: str

    @property
    def agreement(self) -> Agreement:
        """What it says."""
        return agreement_of(self.document)


@dataclass(frozen=True)
class Actor:
    """Who does something with an agreement; a department is what its credential says."""

    subject: str
    role: str
    department: str | None = None


PROVISIONING = Actor("provisioning", "provisioning")


async def lock(connection: Connection) -> None:
    """Be the only one that changes agreements, until the transaction ends."""
    await connection.execute(LOCK)


async def newest(connection: Connection) -> int | None:
    """The number of the last step; None before the first."""
    number: int | None = await connection.fetchval(NEWEST)
    return number


async def versions(connection: Connection) -> list[Version]:
    """Every version of every agreement, oldest first."""
    return [Version(**row) for row in await connection.fetch(ALL)]


async def touched(connection: Connection) -> set[str]:
    """The agreements with which anything was done by call: no file changes them any more."""
    return {row["identifier"] for row in await connection.fetch(TOUCHED)}


async def insert(connection: Connection, version: Version) -> None:
    """Store a new version."""
    await connection.execute(
        INSERT,
        version.identifier,
        version.version,
        version.department,
        version.standing,
        version.provisioned,
        version.document,
    )


async def stand(connection: Connection, identifier: str, version: int, standing: str) -> None:
    """Change how a version stands."""
    await connection.execute(STAND, identifier, version, standing)


async def step(
    connection: Connection, identifier: str, version: int, what: str, actor: Actor, reason: str | None = None
) -> UUID:
    """Append to the history; gives the id by which the registry is told of it."""
    entry_id: UUID = await connection.fetchval(
        STEP, identifier, version, what, actor.department, actor.role, actor.subject, reason
    )
    return entry_id


async def steps(connection: Connection, identifier: str | None = None) -> list[asyncpg.Record]:
    """The history, of one agreement or of all, in order."""
    return await connection.fetch(STEPS, identifier)


async def ask_for_purge(connection: Connection, department: str) -> None:
    """The department's Kafka topic holds what may not be read as it stands: ask its relay to begin it anew."""
    await connection.execute(PURGE, department)


async def cases_ended(connection: Connection, departments: Iterable[str]) -> None:
    """The departments' topics hold values of people on whom no case stands: they are to be begun anew by and by."""
    if found := sorted(set(departments)):
        await connection.execute(CASES_ENDED, found)


async def ask_for_purges_due(connection: Connection, seconds: int) -> None:
    """Ask once for all cases of a department, where the first of them ended so many seconds ago."""
    await connection.execute(PURGE_DUE, seconds)


async def purges(connection: Connection, department: str) -> tuple[int, int]:
    """Numbers of the last purge that was asked for, and of the last that was done; 0 where there was none."""
    row = await connection.fetchrow(PURGES, department)
    return (0, 0) if row is None else (row["asked"], row["done"])


async def purge_again(connection: Connection, department: str, seen: int) -> None:
    """Ask once more where a purge later than `seen` is done already."""
    await connection.execute(PURGE_AGAIN, department, seen)


async def purged(connection: Connection, department: str, number: int) -> None:
    """Everything that was asked for up to that number is done."""
    await connection.execute(PURGED, department, number)
