"""All SQL of the woman's own page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection

KEEP = """
INSERT INTO own_code (episode_id, fingerprint) VALUES ($1, $2)
    ON CONFLICT (episode_id) DO UPDATE SET fingerprint = excluded.fingerprint, made_at = clock_timestamp()
"""
FIND = "SELECT episode_id FROM own_code WHERE fingerprint = $1"
LOOKS = """
SELECT access_id, at, subject, service, facility, purpose, action, fields, basis FROM access_log
 WHERE reference = $1 AND ($2::uuid IS NULL OR access_id < $2)
 ORDER BY access_id DESC LIMIT $3
"""


@dataclass(frozen=True)
class Look:
    """One entry of the access log about her."""

    access_id: UUID
    at: datetime
    subject: str
    service: str | None
    facility: str | None
    purpose: str
    action: str
    fields: list[str]
    basis: str


async def keep(connection: Connection, episode_id: UUID, fingerprint: bytes) -> None:
    """The code of an episode from now on."""
    await connection.execute(KEEP, episode_id, fingerprint)


async def find(connection: Connection, fingerprint: bytes) -> UUID | None:
    """Whose code it is."""
    found: UUID | None = await connection.fetchval(FIND, fingerprint)
    return found


async def looks(connection: Connection, name: str, after: UUID | None, limit: int) -> list[Look]:
    """Entries under this name, the newest first, older than `after`."""
    return [Look(**row) for row in await connection.fetch(LOOKS, name, after, limit)]
