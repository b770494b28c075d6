"""All SQL of episodes that need a look. Everything is asked of one facility, that has the duty now."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.alerts.assignments.repository import named_for
from services.alerts.episodes.rules import WARNED
from services.alerts.needs.rules import Need
from services.alerts.worklist.rules import BEGINNING, COUNTED, Place
from shared.db import Connection

OPEN = "e.facility = $1 AND e.state <> 'ended'"
HOLDS = "e.consent_until >= $2::date"
# What the registry said may have ended an episode, and is still to be looked at.
WHERE = {
    Need.DECISION: f"e.facility = $1 AND {HOLDS} AND EXISTS "
    "(SELECT FROM episode_life a WHERE a.episode_id = e.episode_id AND a.asks)",
    Need.MOVED: f"{OPEN} AND {HOLDS} AND EXISTS "
    "(SELECT FROM handover h WHERE h.episode_id = e.episode_id AND h.state = 'asking' AND h.from_facility = $1)",
    Need.ENDING: f"{OPEN} AND {HOLDS} AND e.consent_until <= $2::date + {WARNED.days}",
    Need.EXPIRED: f"{OPEN} AND e.consent_until < $2::date",
    Need.UNLINKED: f"{OPEN} AND {HOLDS} AND e.person_index IS NULL",
    Need.PAUSED: f"e.facility = $1 AND e.state = 'paused' AND {HOLDS}",
}
# A list of consents stands by their last day; others by id, an order that tells nothing.
BY_DAY = frozenset({Need.ENDING, Need.EXPIRED})
COUNTS = "SELECT " + ", ".join(
    f"(SELECT count(*) FROM (SELECT FROM episode e WHERE {where} LIMIT {COUNTED} + 1) found) AS {need.value}"
    for need, where in WHERE.items()
)


def page_of(need: Need) -> str:
    """The statement of one list."""
    key, place = ("e.consent_until, e.episode_id", "($5::date, $3)") if need in BY_DAY else ("e.episode_id", "$3")
    return f"""
SELECT e.episode_id, e.kind, e.state, e.consent_until, e.opened_at, e.person_index IS NOT NULL AS linked, e.sealed,
       l.sealed AS life,
       (SELECT h.to_facility FROM handover h
         WHERE h.episode_id = e.episode_id AND h.state = 'asking' AND h.from_facility = $1) AS moved_to,
       {named_for("e.episode_id", "$1", "$2::date")} AS worker
  FROM episode e LEFT JOIN episode_life l USING (episode_id)
 WHERE {WHERE[need]} AND ({key}) > {place}
 ORDER BY {key} LIMIT $4
"""


PAGES = {need: page_of(need) for need in Need}


@dataclass(frozen=True)
class Stored:
    """An episode that needs a look, as stored. `life`: what the registry said (life/sealed.py); `worker`: who is named
    for it today; `moved_to`: the facility about which she is to be asked."""

    episode_id: UUID
    kind: str
    state: str
    consent_until: date
    opened_at: datetime
    linked: bool
    sealed: bytes
    life: bytes | None
    moved_to: str | None
    worker: str | None


async def page(
    connection: Connection, facility: str, need: Need, today: date, after: Place | None, limit: int
) -> list[Stored]:
    """Episodes of the facility with one need, after a place, in the order of their list; not locked."""
    day, episode = after or BEGINNING
    more = [day] if need in BY_DAY else []
    rows = await connection.fetch(PAGES[need], facility, today, episode, limit, *more)
    return [Stored(**row) for row in rows]


async def counts(connection: Connection, facility: str, today: date) -> dict[Need, int]:
    """How many there are, by need, one more than COUNTED at most. One may stand in several lists."""
    row = await connection.fetchrow(COUNTS, facility, today)
    assert row is not None
    return {need: row[need.value] for need in Need}
