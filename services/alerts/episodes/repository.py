"""All SQL of episodes and consents, and of their erasure from every table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from services.alerts.tables import TABLES
from shared.db import Connection

COLUMNS = (
    "episode_id, kind, person_index, awaits, facility, state, consent_until, next_look_on, consent_tell_on, revision, "
    "opened_at"
)

INSERT = """
INSERT INTO episode (episode_id, kind, person_index, awaits, facility, state, sealed, consent_until, next_look_on,
                     consent_tell_on, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
"""
UPDATE = """
UPDATE episode SET kind = $2, person_index = $3, awaits = $4, facility = $5, state = $6, sealed = $7,
                   consent_until = $8, next_look_on = $9, consent_tell_on = $10, revision = revision + 1
 WHERE episode_id = $1
"""
ONE = f"SELECT {COLUMNS}, sealed FROM episode WHERE episode_id = $1 FOR UPDATE"
AT = f"SELECT {COLUMNS}, sealed FROM episode WHERE episode_id = $1 AND facility = $2 FOR UPDATE"
OF_PEOPLE = f"""
SELECT {COLUMNS}, sealed FROM episode WHERE person_index = ANY($1::bytea[]) ORDER BY episode_id FOR UPDATE
"""
AWAITING = f"SELECT {COLUMNS}, sealed FROM episode WHERE awaits = ANY($1::bytea[]) ORDER BY episode_id FOR UPDATE"
SAME = f"""
SELECT {COLUMNS}, sealed FROM episode
 WHERE facility = $1 AND kind = $2 AND state <> 'ended'
   AND (person_index = ANY($3::bytea[]) OR awaits = ANY($4::bytea[]))
 ORDER BY opened_at, episode_id LIMIT 1 FOR UPDATE
"""
# Another process's batch is skipped, so that several workers share the work.
DUE = f"""
SELECT {COLUMNS}, sealed FROM episode WHERE next_look_on <= $1
 ORDER BY next_look_on, episode_id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
# The end of consents, told while they hold: what rests or is over tells nothing.
ENDING = """
SELECT episode_id, facility, consent_until, consent_tell_on FROM episode
 WHERE consent_tell_on <= $1 AND state = 'active' AND consent_until >= $1
 ORDER BY consent_tell_on, episode_id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""
TELL_NEXT = """
UPDATE episode e SET consent_tell_on = n.day
  FROM unnest($1::uuid[], $2::date[]) AS n (episode_id, day)
 WHERE e.episode_id = n.episode_id
"""
FACILITIES = "SELECT episode_id, facility FROM episode WHERE episode_id = ANY($1::uuid[]) ORDER BY episode_id"
# Whoever touches more than one episode waits for whoever else does: two who hold one each cannot wait for each other's.
FAMILIES = "SELECT pg_advisory_xact_lock(hashtextextended('episodes that stand beside each other', 0))"
# Whoever enrols the same person, or sends the same request, waits for the one before.
ALONE = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS wanted (key) ORDER BY key"
HOLDERS = """
SELECT DISTINCT coalesce(d.merged_into, i.reference) AS reference, coalesce(r.ever_died, false) AS died
  FROM directory_index i
  LEFT JOIN directory_person d ON d.reference = i.reference
  LEFT JOIN directory_person r ON r.reference = coalesce(d.merged_into, i.reference)
 WHERE i.index = $1
"""

CONSENT = """
INSERT INTO episode_consent (consent_id, episode_id, revision, state, until, sealed)
SELECT $1, $2, coalesce(max(revision), 0) + 1, $3, $4, $5 FROM episode_consent WHERE episode_id = $2
"""
CONSENTS = """
SELECT revision, state, until, recorded_at, sealed FROM episode_consent WHERE episode_id = $1 ORDER BY revision
"""

# Everything about an episode, wherever it stands: a table that is added is emptied of it too. The episode goes last.
ABOUT: Final = {table.__table__.name: table.__table__.columns for table in cast(list[Any], TABLES)}
KEPT_IN: Final = sorted(name for name, columns in ABOUT.items() if "episode_id" in columns and name != "episode")
STILL_THERE = " UNION ".join(
    f"SELECT episode_id FROM {table} WHERE episode_id = ANY($1::uuid[])" for table in ["episode", *KEPT_IN]
)
REMOVE = [f"DELETE FROM {table} /* removes */ WHERE episode_id = ANY($1::uuid[])" for table in [*KEPT_IN, "episode"]]
DONE_HERE = "SELECT EXISTS (SELECT FROM access_log WHERE reference = $1 AND facility = $2 AND action = $3)"


@dataclass(frozen=True)
class Episode:
    """An episode as stored, locked."""

    episode_id: UUID
    kind: str
    person_index: bytes | None
    awaits: bytes | None
    facility: str
    state: str
    consent_until: date | None
    next_look_on: date | None
    revision: int
    opened_at: datetime
    sealed: bytes
    consent_tell_on: date | None = None

    def but(self, **changes: object) -> "Episode":
        """The same with something else in it."""
        return replace(self, **changes)  # type: ignore[arg-type] # the names are the caller's to know


@dataclass(frozen=True)
class ConsentStep:
    """One step of a consent as stored."""

    revision: int
    state: str
    until: date | None
    recorded_at: datetime
    sealed: bytes


async def alone(connection: Connection, keys: Collection[int]) -> None:
    """Hold these names until the transaction ends."""
    await connection.execute(ALONE, sorted(keys))


async def families(connection: Connection) -> None:
    """Hold what every act on more than one episode holds, before it locks the first of them, until the transaction
    ends. Where the act also stops the pages of the registry's feed (`between_pages`), that comes before this."""
    await connection.execute(FAMILIES)


async def insert(connection: Connection, episode: Episode) -> None:
    """A new episode; its revision is 1."""
    await connection.execute(INSERT, *changing(episode))


async def update(connection: Connection, episode: Episode) -> None:
    """Write an episode as it is now; its revision rises."""
    await connection.execute(UPDATE, *changing(episode))


def changing(episode: Episode) -> Sequence[object]:
    """The columns that may change, in the order of INSERT and UPDATE."""
    return (
        episode.episode_id,
        episode.kind,
        episode.person_index,
        episode.awaits,
        episode.facility,
        episode.state,
        episode.sealed,
        episode.consent_until,
        episode.next_look_on,
        episode.consent_tell_on,
    )


async def one(connection: Connection, episode_id: UUID, facility: str | None = None) -> Episode | None:
    """Lock an episode; `facility`: only where the duty is there."""
    if facility is None:
        row = await connection.fetchrow(ONE, episode_id)
    else:
        row = await connection.fetchrow(AT, episode_id, facility)
    return None if row is None else Episode(**row)


async def of_people(connection: Connection, indexes: Collection[bytes]) -> list[Episode]:
    """Lock the episodes of these people (identity.person_indexes)."""
    return [Episode(**row) for row in await connection.fetch(OF_PEOPLE, list(indexes))]


async def awaiting(connection: Connection, awaited: Collection[bytes]) -> list[Episode]:
    """Lock the episodes that wait for any of these (identity.awaited)."""
    return [Episode(**row) for row in await connection.fetch(AWAITING, list(awaited))]


async def same(
    connection: Connection, facility: str, kind: str, people: Collection[bytes], awaited: Collection[bytes]
) -> Episode | None:
    """Lock the episode of that kind that this person has at the facility already."""
    row = await connection.fetchrow(SAME, facility, kind, list(people), list(awaited))
    return None if row is None else Episode(**row)


async def due(connection: Connection, today: date, limit: int) -> list[Episode]:
    """Lock episodes that the date concerns and nobody else is changing."""
    return [Episode(**row) for row in await connection.fetch(DUE, today, limit)]


@dataclass(frozen=True)
class Ending:
    """An episode the end of whose consent is to be told; `tell_on`: from which day on it was not told yet."""

    episode_id: UUID
    facility: str
    until: date
    tell_on: date


async def ending(connection: Connection, today: date, limit: int) -> list[Ending]:
    """Lock episodes the end of whose consent is to be told, that nobody else is changing; of those only that do not
    rest."""
    return [Ending(*row) for row in await connection.fetch(ENDING, today, limit)]


async def tell_next(connection: Connection, days: Mapping[UUID, date | None]) -> None:
    """On which day the end of these consents is told next."""
    await connection.execute(TELL_NEXT, list(days), list(days.values()))


async def facilities(connection: Connection, episode_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """Which facility has the duty of each that there is."""
    return [(row[0], row[1]) for row in await connection.fetch(FACILITIES, list(episode_ids))]


async def holders(connection: Connection, index: bytes) -> list[str]:
    """The living people whom an identifier's blind index names, by their present references."""
    return [row["reference"] for row in await connection.fetch(HOLDERS, index) if not row["died"]]


async def add_consent(
    connection: Connection, consent_id: UUID, episode_id: UUID, state: str, until: date | None, sealed: bytes
) -> None:
    """The next step of a consent."""
    await connection.execute(CONSENT, consent_id, episode_id, state, until, sealed)


async def consents(connection: Connection, episode_id: UUID) -> list[ConsentStep]:
    """Every step of a consent, in order."""
    return [ConsentStep(**row) for row in await connection.fetch(CONSENTS, episode_id)]


async def still_there(connection: Connection, episode_ids: Collection[UUID]) -> list[UUID]:
    """Those of which any table still holds a row."""
    return sorted(row[0] for row in await connection.fetch(STILL_THERE, list(episode_ids)))


async def remove(connection: Connection, episode_ids: Collection[UUID]) -> None:
    """Remove every row about these episodes, from every table."""
    for statement in REMOVE:
        await connection.execute(statement, list(episode_ids))


async def written_down_here(connection: Connection, name: str, facility: str, action: str) -> bool:
    """Whether this facility did this to what stands under this name in the access log."""
    found: bool = await connection.fetchval(DONE_HERE, name, facility, action)
    return found
