"""All SQL of the woman's own page."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.db import Connection

KEEP = """
INSERT INTO own_code (episode_id, fingerprint, printed, made_at, made_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (episode_id) DO UPDATE
       SET fingerprint = excluded.fingerprint, printed = excluded.printed, made_at = excluded.made_at,
           made_by = excluded.made_by
"""
# A slip works for so long, and while whoever made it is listed at the facility, if that lists anybody.
FIND = """
SELECT c.episode_id, c.printed FROM own_code c JOIN episode e USING (episode_id)
 WHERE c.fingerprint = $1 AND (NOT c.printed OR (c.made_at > $2 AND (
     c.made_by IS NULL
     OR NOT EXISTS (SELECT FROM staff_member s WHERE s.facility = e.facility)
     OR EXISTS (
       SELECT FROM staff_member s
        WHERE s.facility = e.facility AND s.subject = c.made_by AND s.ended_at IS NULL
          AND s.valid_from <= $3 AND (s.valid_until IS NULL OR s.valid_until >= $3)))))
"""
FORGET_SLIPS_OF = """
DELETE FROM own_code c /* removes */ USING episode e
 WHERE e.episode_id = c.episode_id AND e.facility = $1 AND c.made_by = $2 AND c.printed
"""
FORGET = "DELETE FROM own_code /* removes */ WHERE episode_id = $1"
FORGET_SLIP = "DELETE FROM own_code /* removes */ WHERE episode_id = $1 AND printed"
LOOKS = """
SELECT access_id, at, subject, service, facility, purpose, action, fields, basis,
       EXISTS (SELECT FROM access_question q WHERE q.entry = access_id) AS questioned
  FROM access_log
 WHERE reference = $1 AND ($2::uuid IS NULL OR access_id < $2)
 ORDER BY access_id DESC LIMIT $3
"""


@dataclass(frozen=True)
class Look:
    """One entry of the access log about her. `questioned`: she asked about it."""

    access_id: UUID
    at: datetime
    subject: str
    service: str | None
    facility: str | None
    purpose: str
    action: str
    fields: list[str]
    basis: str
    questioned: bool

    @property
    def own(self) -> bool:
        """Whether her own page was used."""
        return self.purpose == "own-data"

    @property
    def by(self) -> str | None:
        """The worker or the service; None where her own page was used."""
        return None if self.own else self.service or self.subject


@dataclass(frozen=True)
class Code:
    """Where a code leads; `printed`: a worker has seen it, and it works once."""

    episode_id: UUID
    printed: bool


async def keep(
    connection: Connection, code: Code, fingerprint: bytes, at: datetime, made_by: str | None = None
) -> None:
    """The code of an episode from now on; the one before lets nobody in any more. `made_by`: who made a slip."""
    await connection.execute(KEEP, code.episode_id, fingerprint, code.printed, at, made_by)


async def find(connection: Connection, fingerprint: bytes, printed_after: datetime, today: date) -> Code | None:
    """Where a code leads; None for an unknown one, and for one on a slip from before, or of who is no more listed."""
    row = await connection.fetchrow(FIND, fingerprint, printed_after, today)
    return None if row is None else Code(**row)


async def forget(connection: Connection, episode_id: UUID) -> None:
    """Remove the code of an episode."""
    await connection.execute(FORGET, episode_id)


async def forget_slip(connection: Connection, episode_id: UUID) -> None:
    """Remove it if it is the one on the slip."""
    await connection.execute(FORGET_SLIP, episode_id)


async def forget_slips_of(connection: Connection, facility: str, subject: str) -> None:
    """Remove the slips of a facility's episodes that this worker made and nobody used."""
    await connection.execute(FORGET_SLIPS_OF, facility, subject)


async def looks(connection: Connection, name: str, after: UUID | None, limit: int) -> list[Look]:
    """Entries under this name, the newest first, older than `after`."""
    return [Look(**row) for row in await connection.fetch(LOOKS, name, after, limit)]
