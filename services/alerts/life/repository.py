"""All SQL of what the registry's words do to episodes."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from services.alerts.directory.lineage import Saying
from services.alerts.directory.repository import lineage_of
from services.alerts.episodes.repository import Episode
from services.alerts.life.rules import Known
from shared.db import Connection

# Whoever enrols waits for the page that is being taken over, and the next page for the enrolment: no word about a
# person can pass between the look at the directory and the episode.
BETWEEN_PAGES = "SELECT FROM feed_cursor WHERE feed = 'care' ORDER BY partition FOR SHARE"

CONCERNED = """
SELECT EXISTS (SELECT FROM episode WHERE person_index = ANY($1::bytea[]))
    OR EXISTS (SELECT FROM episode WHERE awaits = ANY($2::bytea[]))
    OR EXISTS (SELECT FROM episode_kin WHERE person_index = ANY($1::bytea[]))
"""
OF_KIN = "SELECT DISTINCT episode_id FROM episode_kin WHERE person_index = ANY($1::bytea[])"
ADD_KIN = "INSERT INTO episode_kin (episode_id, person_index) VALUES ($1, $2) ON CONFLICT DO NOTHING"

STORED = "SELECT sealed FROM episode_life WHERE episode_id = $1 FOR UPDATE"
STORE = """
INSERT INTO episode_life (episode_id, asks, sealed) VALUES ($1, $2, $3)
    ON CONFLICT (episode_id) DO UPDATE SET asks = excluded.asks, sealed = excluded.sealed
"""

ALIVE = """
SELECT coalesce(r.alive, true)
  FROM directory_person d LEFT JOIN directory_person r ON r.reference = coalesce(d.merged_into, d.reference)
 WHERE d.reference = $1
"""

# Everyone, living or not, whom an identifier's blind index names: whoever is the only one is the one.
HOLDERS = """
SELECT DISTINCT coalesce(d.merged_into, i.reference)
  FROM directory_index i LEFT JOIN directory_person d ON d.reference = i.reference
 WHERE i.index = $1
"""

# Of its kind, about the same person, at the same facility: nobody hears of another one's (protection rule 3).
OTHERS = """
SELECT episode_id FROM episode
 WHERE person_index = ANY($1::bytea[]) AND facility = $2 AND kind = $3 AND state <> 'ended' AND episode_id <> $4
   AND consent_until >= $5
"""
# What these people, as guardians, asked for at the facility for a child, while that consent holds.
ASKED_FOR = """
SELECT e.episode_id FROM episode_kin k JOIN episode e USING (episode_id)
 WHERE k.person_index = ANY($1::bytea[]) AND e.facility = $2 AND e.kind = ANY($3::text[]) AND e.consent_until >= $4
   AND e.person_index IS NOT NULL
 ORDER BY e.episode_id
"""


async def between_pages(connection: Connection) -> None:
    """Let no page of the feed `care` be taken over until the transaction ends, and wait for the one that is."""
    await connection.execute(BETWEEN_PAGES)


async def concerned(connection: Connection, people: Collection[bytes], numbers: Collection[bytes]) -> bool:
    """Whether any episode is about these people, waits for these numbers, or concerns these people beside."""
    found: bool = await connection.fetchval(CONCERNED, list(people), list(numbers))
    return found


async def of_kin(connection: Connection, indexes: Collection[bytes]) -> list[UUID]:
    """The episodes that these people concern beside whom they are about."""
    return [row["episode_id"] for row in await connection.fetch(OF_KIN, list(indexes))]


async def add_kin(connection: Connection, episode_id: UUID, index: bytes) -> None:
    """The episode concerns this person too."""
    await connection.execute(ADD_KIN, episode_id, index)


async def stored(connection: Connection, episode_id: UUID) -> bytes | None:
    """Lock what is sealed of an episode; None where nothing is."""
    found: bytes | None = await connection.fetchval(STORED, episode_id)
    return found


async def store(connection: Connection, episode_id: UUID, asks: bool, sealed: bytes) -> None:
    """Write it as it is now."""
    await connection.execute(STORE, episode_id, asks, sealed)


async def known_of(connection: Connection, reference: str) -> Known:
    """What the directory holds of whom a reference names."""
    lineage = await lineage_of(connection, [reference])
    alive = await connection.fetchval(ALIVE, reference)
    said = [lineage.last(reference, saying) for saying in (Saying.DIED, Saying.UNKNOWN, Saying.SPLIT, Saying.MERGED)]
    return Known(alive is not False, *said)


async def others(connection: Connection, episode: Episode, people: Collection[bytes], today: date) -> list[UUID]:
    """What else these people have of the same kind at the same facility, and is not over, while consent holds."""
    rows = await connection.fetch(OTHERS, list(people), episode.facility, episode.kind, episode.episode_id, today)
    return sorted(row["episode_id"] for row in rows)


async def asked_for(
    connection: Connection, facility: str, guardians: Collection[bytes], kinds: Collection[str], today: date
) -> list[UUID]:
    """The episodes about children that these guardians asked for at the facility, while consent holds."""
    rows = await connection.fetch(ASKED_FOR, list(guardians), facility, list(kinds), today)
    return [row["episode_id"] for row in rows]


async def holders(connection: Connection, index: bytes) -> list[str]:
    """The present references of everyone whom an identifier's blind index names."""
    return [row[0] for row in await connection.fetch(HOLDERS, index)]
