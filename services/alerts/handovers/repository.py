"""All SQL of hand-overs. Whoever changes an offer holds its episode first: then no two decide at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.alerts.handovers.rules import State
from services.alerts.worklist.rules import BEGINNING, Place
from shared.db import Connection

COLUMNS = "handover_id, episode_id, from_facility, to_facility, area, state, since, until, by_move, sealed"
PREFIXED = ", ".join(f"h.{each.strip()}" for each in COLUMNS.split(","))

INSERT = f"INSERT INTO handover ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
ONE = f"SELECT {COLUMNS} FROM handover WHERE handover_id = $1"
OPEN_OF = f"SELECT {COLUMNS} FROM handover WHERE episode_id = $1 AND state IN ('asking', 'offered') FOR UPDATE"
STAND = """
UPDATE handover SET state = $2, since = $3, until = $4, sealed = $5, decided_at = $6 WHERE handover_id = $1
"""
# Of a stay that is running: it is over when the duty goes on to somebody else.
END_STAYS = """
UPDATE handover SET state = 'returned', decided_at = clock_timestamp()
 WHERE episode_id = $1 AND state = 'accepted' AND until IS NOT NULL
"""
FOREVER = "UPDATE handover SET until = NULL WHERE handover_id = $1"

UNTOLD = ""  # in place of the facility that serves: the registry does not tell where she lives, or tells it no more

# Only where her consent holds; the facility that offered still has the duty.
STANDS = "h.from_facility = e.facility AND e.state <> 'ended' AND e.consent_until >= $2"
INCOMING = f"""
SELECT {PREFIXED} FROM handover h JOIN episode e USING (episode_id)
 WHERE h.to_facility = $1 AND h.state = 'offered' AND {STANDS} AND (h.since, h.handover_id) > ($4, $5)
 ORDER BY h.since, h.handover_id LIMIT $3
"""
OUTGOING = f"""
SELECT {PREFIXED} FROM handover h JOIN episode e USING (episode_id)
  LEFT JOIN episode_served s USING (episode_id)
 WHERE h.from_facility = $1 AND (h.state IN ('asking', 'offered') AND {STANDS}
        OR h.state = 'accepted' AND h.until IS NOT NULL AND e.consent_until >= $2
            AND s.facility IS DISTINCT FROM '{UNTOLD}') AND (h.since, h.handover_id) > ($4, $5)
 ORDER BY h.since, h.handover_id LIMIT $3
"""
COUNTS = f"""
SELECT count(*) FILTER (WHERE h.to_facility = $1 AND h.state = 'offered') AS incoming,
       count(*) FILTER (WHERE h.to_facility = $1 AND h.state = 'offered' AND h.since < $3) AS incoming_too_long,
       count(*) FILTER (WHERE h.from_facility = $1) AS outgoing,
       count(*) FILTER (WHERE h.from_facility = $1 AND h.since < $3) AS outgoing_too_long
  FROM handover h JOIN episode e USING (episode_id)
 WHERE (h.to_facility = $1 OR h.from_facility = $1) AND h.state IN ('asking', 'offered') AND {STANDS}
"""
BLANK = "UPDATE handover SET area = '' WHERE episode_id = $1"

# Episodes whose facility is provisioned no more: nobody can act for them.
WITHOUT_FACILITY = "SELECT count(*) FROM episode WHERE state <> 'ended' AND facility <> ALL($1::text[])"

# Episode and offer in one, and only what nobody else is changing: who waits for neither cannot deadlock.
OVER = """
SELECT h.handover_id, h.episode_id FROM handover h JOIN episode e USING (episode_id)
 WHERE h.state = 'accepted' AND h.until < $1
 ORDER BY h.until, h.handover_id LIMIT $2 FOR UPDATE OF h, e SKIP LOCKED
"""

SERVED = "SELECT facility FROM episode_served WHERE episode_id = $1"
SERVE = """
INSERT INTO episode_served (episode_id, facility) VALUES ($1, $2)
    ON CONFLICT (episode_id) DO UPDATE SET facility = excluded.facility
"""
AREA = """
SELECT r.area FROM directory_person d JOIN directory_person r ON r.reference = coalesce(d.merged_into, d.reference)
 WHERE d.reference = $1
"""


@dataclass(frozen=True)
class Offer:
    """An offer as stored."""

    handover_id: UUID
    episode_id: UUID
    from_facility: str
    to_facility: str
    area: str
    state: State
    since: date
    until: date | None
    by_move: bool
    sealed: bytes | None

    @property
    def place(self) -> Place:
        """Where it stands in its list."""
        return self.since, self.handover_id


@dataclass(frozen=True)
class Counts:
    """How many offers wait at a facility, and how many of them too long."""

    incoming: int
    incoming_too_long: int
    outgoing: int
    outgoing_too_long: int


def offer_of(row: dict[str, object]) -> Offer:
    """A row of COLUMNS."""
    return Offer(**{**row, "state": State(str(row["state"]))})  # type: ignore[arg-type] # columns are its fields


async def insert(connection: Connection, offer: Offer) -> None:
    """A new offer; the database refuses a second open one of an episode."""
    await connection.execute(
        INSERT,
        offer.handover_id,
        offer.episode_id,
        offer.from_facility,
        offer.to_facility,
        offer.area,
        offer.state.value,
        offer.since,
        offer.until,
        offer.by_move,
        offer.sealed,
    )


async def one(connection: Connection, handover_id: UUID) -> Offer | None:
    """An offer as it is; read again once its episode is held."""
    row = await connection.fetchrow(ONE, handover_id)
    return None if row is None else offer_of(dict(row))


async def open_of(connection: Connection, episode_id: UUID) -> Offer | None:
    """The open offer of an episode that is held."""
    row = await connection.fetchrow(OPEN_OF, episode_id)
    return None if row is None else offer_of(dict(row))


async def stand(connection: Connection, offer: Offer, decided_at: object = None) -> None:
    """Write how an offer stands now."""
    facts = (offer.state.value, offer.since, offer.until, offer.sealed)
    await connection.execute(STAND, offer.handover_id, *facts, decided_at)


async def end_stays(connection: Connection, episode_id: UUID) -> None:
    """The duty goes on from where she stayed."""
    await connection.execute(END_STAYS, episode_id)


async def forever(connection: Connection, handover_id: UUID) -> None:
    """A stay has no last day any more."""
    await connection.execute(FOREVER, handover_id)


async def incoming(connection: Connection, facility: str, today: date, after: Place | None, limit: int) -> list[Offer]:
    """Offers that wait for this facility's answer after a place, the oldest first."""
    rows = await connection.fetch(INCOMING, facility, today, limit, *(after or BEGINNING))
    return [offer_of(dict(row)) for row in rows]


async def outgoing(connection: Connection, facility: str, today: date, after: Place | None, limit: int) -> list[Offer]:
    """Offers that this facility made or is to ask about, and its stays elsewhere, after a place, the oldest first."""
    rows = await connection.fetch(OUTGOING, facility, today, limit, *(after or BEGINNING))
    return [offer_of(dict(row)) for row in rows]


async def counts(connection: Connection, facility: str, today: date, too_long: date) -> Counts:
    """What supervisors see; `too_long`: offers made before that day."""
    row = await connection.fetchrow(COUNTS, facility, today, too_long)
    assert row is not None
    return Counts(**row)


async def without_facility(connection: Connection, codes: Sequence[str]) -> int:
    """Episodes at none of these facilities."""
    found: int = await connection.fetchval(WITHOUT_FACILITY, list(codes))
    return found


async def over(connection: Connection, today: date, limit: int) -> list[tuple[UUID, UUID]]:
    """Lock stays whose last day has passed, with their episodes: (offer, episode)."""
    return [(row["handover_id"], row["episode_id"]) for row in await connection.fetch(OVER, today, limit)]


async def served(connection: Connection, episode_id: UUID, unless: str) -> str | None:
    """Who served where she lived when it was looked at last; `unless` it never was."""
    row = await connection.fetchrow(SERVED, episode_id)
    return unless if row is None else row["facility"]


async def serve(connection: Connection, episode_id: UUID, facility: str | None) -> None:
    """Note who serves where she lives, or UNTOLD."""
    await connection.execute(SERVE, episode_id, facility)


async def blank(connection: Connection, episode_id: UUID) -> None:
    """Keep of an episode's offers nothing of where she lives."""
    await connection.execute(BLANK, episode_id)


async def area(connection: Connection, reference: str) -> str | None:
    """Where a person lives, as the registry told last."""
    found: str | None = await connection.fetchval(AREA, reference)
    return found
