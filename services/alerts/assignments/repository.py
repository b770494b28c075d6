"""All SQL of assignments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.db import Connection

OF_EPISODE = """
SELECT subject, valid_from, valid_until FROM episode_worker
 WHERE episode_id = $1 AND facility = $2 ORDER BY valid_from, subject
"""


def here(day: str) -> str:
    """SQL: whether the worker `w` is named on a day (a parameter) and has not left: the facility lists them that day,
    or lists nobody at all."""
    return f"""
w.valid_from <= {day} AND (w.valid_until IS NULL OR w.valid_until >= {day})
 AND (NOT EXISTS (SELECT FROM staff_member s WHERE s.facility = w.facility)
      OR EXISTS (SELECT FROM staff_member s
                  WHERE s.facility = w.facility AND s.subject = w.subject AND s.role = 'care-worker'
                    AND s.ended_at IS NULL AND s.valid_from <= {day}
                    AND (s.valid_until IS NULL OR s.valid_until >= {day})))
"""


def named_for(episode: str, facility: str, day: str) -> str:
    """SQL: whom a page names for an episode, where several share it: the one who has had it longest. NULL where it is
    everybody's."""
    return f"""
(SELECT w.subject FROM episode_worker w
  WHERE w.episode_id = {episode} AND w.facility = {facility} AND {here(day)}
  ORDER BY w.valid_from, w.subject LIMIT 1)
"""


NAMED = f"""
SELECT DISTINCT w.episode_id FROM episode_worker w
 WHERE w.facility = $1 AND w.episode_id = ANY($2::uuid[]) AND {here("$3")}
"""
SHOWN = f"SELECT {named_for('$1', '$2', '$3')}"
FORGET = "DELETE FROM episode_worker /* removes */ WHERE episode_id = $1"
NAME = """
INSERT INTO episode_worker (episode_id, facility, subject, valid_from, valid_until)
SELECT $1, $2, * FROM unnest($3::text[], $4::date[], $5::date[])
"""

# Own ones, and those of every colleague for whom the worker stands in that day.
MINE = """
SELECT w.episode_id FROM episode_worker w
 WHERE w.facility = $1 AND w.valid_from <= $3 AND (w.valid_until IS NULL OR w.valid_until >= $3)
   AND (w.subject = $2 OR EXISTS (
         SELECT FROM staff_member s
          WHERE s.facility = $1 AND s.subject = $2 AND s.stands_in_for = w.subject AND s.ended_at IS NULL
            AND s.valid_from <= $3 AND s.valid_until >= $3))
"""

# Only who is listed acts; a facility that lists nobody (development) goes by what it is told.
NOT_LISTED = """
SELECT wanted.subject FROM unnest($2::text[]) AS wanted (subject)
 WHERE EXISTS (SELECT FROM staff_member WHERE facility = $1)
   AND NOT EXISTS (
         SELECT FROM staff_member s
          WHERE s.facility = $1 AND s.subject = wanted.subject AND s.role = 'care-worker' AND s.ended_at IS NULL
            AND (s.valid_until IS NULL OR s.valid_until >= $3))
"""


@dataclass(frozen=True)
class Assigned:
    """A worker named for an episode, from the first to the last day."""

    subject: str
    valid_from: date
    valid_until: date | None


async def of_episode(connection: Connection, episode_id: UUID, facility: str) -> list[Assigned]:
    """Who is named for an episode that is held."""
    return [Assigned(**row) for row in await connection.fetch(OF_EPISODE, episode_id, facility)]


async def name(connection: Connection, episode_id: UUID, facility: str, workers: Sequence[Assigned]) -> None:
    """Name these for an episode that is held, and nobody else."""
    await connection.execute(FORGET, episode_id)
    days = [each.valid_from for each in workers], [each.valid_until for each in workers]
    await connection.execute(NAME, episode_id, facility, [each.subject for each in workers], *days)


async def mine(connection: Connection, facility: str, subject: str, today: date) -> set[UUID]:
    """The episodes that are a worker's today, a stand-in's too."""
    return {row["episode_id"] for row in await connection.fetch(MINE, facility, subject, today)}


async def named(connection: Connection, facility: str, episode_ids: Collection[UUID], today: date) -> set[UUID]:
    """Those of these episodes that are somebody's today; the others are everybody's."""
    return {row["episode_id"] for row in await connection.fetch(NAMED, facility, list(episode_ids), today)}


async def shown(connection: Connection, episode_id: UUID, facility: str, today: date) -> str | None:
    """The worker whom pages name for an episode; None where it is everybody's."""
    found: str | None = await connection.fetchval(SHOWN, episode_id, facility, today)
    return found


async def not_listed(connection: Connection, facility: str, subjects: Sequence[str], today: date) -> set[str]:
    """Those of them who are no care workers of the facility, today or later."""
    return {row["subject"] for row in await connection.fetch(NOT_LISTED, facility, list(subjects), today)}
