"""All SQL of care contacts and their outcomes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.alerts.assignments.repository import named_for
from services.alerts.contacts.outcomes import Window
from services.alerts.contacts.rules import State
from shared.db import Connection

COLUMNS = "contact_id, episode_id, facility, opens_on, due_on, closes_on, state, step, next_change_on, sealed"

# A batch the day has changed. Consent is looked at in the transaction that announces, and only what nobody else is
# changing is taken, episode and contact in one: who waits for neither cannot deadlock with whoever holds both.
DUE = """
SELECT c.contact_id, c.episode_id, c.facility, c.opens_on, c.due_on, c.closes_on, c.state, c.step
  FROM care_contact c JOIN episode e USING (episode_id)
 WHERE c.next_change_on <= $1 AND e.state = 'active' AND e.consent_until >= $1
 ORDER BY c.next_change_on, c.contact_id LIMIT $2
   FOR NO KEY UPDATE OF c, e SKIP LOCKED
"""
OF_EPISODES = f"""
SELECT {COLUMNS} FROM care_contact WHERE episode_id = ANY($1::uuid[]) ORDER BY contact_id FOR UPDATE
"""
# What staff on duty may be shown: what stands on a list, of an episode whose consent holds.
SHOWABLE = """
  FROM care_contact c JOIN episode e USING (episode_id)
 WHERE c.contact_id = ANY($1::uuid[]) AND c.facility = $2 AND c.state IN ('planned', 'open', 'overdue')
   AND e.facility = $2 AND e.state = 'active' AND e.consent_until >= $3
"""
NOTES = f"SELECT c.contact_id, c.episode_id, c.sealed {SHOWABLE}"
WITH_RECORDS = f"""
SELECT {", ".join("c." + name for name in COLUMNS.split(", "))}, e.kind, e.sealed AS record,
       {named_for("c.episode_id", "c.facility", "$3")} AS worker
{SHOWABLE}"""

INSERT = f"""
INSERT INTO care_contact ({COLUMNS})
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::date[], $7::text[],
                     $8::smallint[], $9::date[], $10::bytea[])
"""
# Plain windows: the state and what follows, for a whole batch.
STAND = """
UPDATE care_contact c SET state = n.state, step = n.step, next_change_on = n.next_change_on
  FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::date[]) AS n (contact_id, state, step, next_change_on)
 WHERE c.contact_id = n.contact_id
"""
WRITE = """
UPDATE care_contact c
   SET (facility, opens_on, due_on, closes_on, state, step, next_change_on, sealed)
     = (n.facility, n.opens_on, n.due_on, n.closes_on, n.state, n.step, n.next_change_on, n.sealed)
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::date[], $7::text[],
              $8::smallint[], $9::date[], $10::bytea[])
       AS n (contact_id, episode_id, facility, opens_on, due_on, closes_on, state, step, next_change_on, sealed)
 WHERE c.contact_id = n.contact_id
"""
# What is planned, and on no clock though its episode does not rest, was lost by a former version: its day is known.
# Nobody else is changing these episodes, and whoever lets one rest afterwards takes it off the clock again.
AWAKEN = """
WITH active AS (
    SELECT e.episode_id FROM episode e
     WHERE e.state = 'active'
       AND EXISTS (SELECT FROM care_contact c
                    WHERE c.episode_id = e.episode_id AND c.state = 'planned' AND c.next_change_on IS NULL)
       FOR NO KEY UPDATE SKIP LOCKED)
UPDATE care_contact c SET next_change_on = c.opens_on
  FROM active
 WHERE c.episode_id = active.episode_id AND c.state = 'planned' AND c.next_change_on IS NULL
"""
# What nobody was ever told of leaves no trace.
REMOVE = "DELETE FROM care_contact /* removes */ WHERE contact_id = ANY($1::uuid[])"
# A missed contact is followed by another one, and that is found with the episode's key.
LOOK_AGAIN = """
UPDATE episode SET next_look_on = $2
 WHERE episode_id = ANY($1::uuid[]) AND (next_look_on IS NULL OR next_look_on > $2)
"""

OUTCOMES = """
SELECT outcome_id, contact_id, recorded_at, undone_at, sealed FROM care_outcome
 WHERE episode_id = ANY($1::uuid[]) ORDER BY recorded_at, outcome_id
"""
ADD_OUTCOME = """
INSERT INTO care_outcome (outcome_id, contact_id, episode_id, sealed) VALUES ($1, $2, $3, $4)
"""
UNDO = "UPDATE care_outcome SET undone_at = clock_timestamp() WHERE contact_id = $1 AND undone_at IS NULL"

# Entries stay numbered, and say no more what they said. What a former facility may still read (that something of its
# own is over) stays as it is: it is not to learn what became of her at another one.
WITHHOLD = """
UPDATE feed_entry e SET body = NULL
  FROM feed_head h, unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS told (lowest, windowed, highest, feed)
 WHERE h.feed LIKE 'facility:%' AND e.feed = h.feed AND e.entry_id >= told.lowest
   AND e.entry_id <= CASE WHEN h.feed = told.feed THEN told.highest ELSE told.windowed END
   AND e.body IS NOT NULL
"""


@dataclass(frozen=True)
class Contact:
    """A contact as stored."""

    contact_id: UUID
    episode_id: UUID
    facility: str
    opens_on: date
    due_on: date
    closes_on: date
    state: State
    step: int
    next_change_on: date | None = None
    sealed: bytes = b""

    @property
    def window(self) -> Window:
        """Its dates."""
        return Window(self.opens_on, self.due_on, self.closes_on)

    @property
    def unfinished(self) -> bool:
        """Whether it may still happen in its time."""
        return self.state in (State.PLANNED, State.OPEN, State.OVERDUE)

    @property
    def shown(self) -> bool:
        """Whether it stands on a worklist."""
        return self.state in (State.OPEN, State.OVERDUE)

    def but(self, **changes: object) -> "Contact":
        """The same with something else in it."""
        return Contact(**(self.__dict__ | changes))


@dataclass(frozen=True)
class StoredOutcome:
    """What was recorded of a contact, sealed."""

    outcome_id: UUID
    contact_id: UUID
    recorded_at: datetime
    undone_at: datetime | None
    sealed: bytes


@dataclass(frozen=True)
class WithRecord:
    """A contact with the sealed record of its episode. `worker`: who is named for it today."""

    contact: Contact
    kind: str
    record: bytes
    worker: str | None


async def due(connection: Connection, today: date, limit: int) -> list[Contact]:
    """Lock contacts that the date has changed, of episodes whose consent holds; without what is sealed."""
    return [
        Contact(
            row[0], row[1], row[2], row[3], row[4], row[5], State(row[6]), row[7]
        )  # by place: rows come in millions
        for row in await connection.fetch(DUE, today, limit)
    ]


async def of_episodes(connection: Connection, episode_ids: Collection[UUID]) -> list[Contact]:
    """Lock every contact of episodes that are locked already."""
    return [contact(dict(row)) for row in await connection.fetch(OF_EPISODES, list(episode_ids))]


def contact(row: Mapping[str, Any]) -> Contact:
    """A row of COLUMNS."""
    return Contact(**{**row, "state": State(row["state"])})


async def sealed_notes(
    connection: Connection, contact_ids: list[UUID], facility: str, today: date
) -> dict[UUID, tuple[UUID, bytes]]:
    """The episode and the sealed note of each of these contacts that `with_records` gives."""
    rows = await connection.fetch(NOTES, contact_ids, facility, today)
    return {row["contact_id"]: (row["episode_id"], row["sealed"]) for row in rows}


async def with_records(
    connection: Connection, contact_ids: Sequence[UUID], facility: str, today: date
) -> list[WithRecord]:
    """Those of these contacts that staff of the facility may be shown, with their records; not locked."""
    found = []
    for row in map(dict, await connection.fetch(WITH_RECORDS, contact_ids, facility, today)):
        kind, record = row.pop("kind"), row.pop("record")
        worker = row.pop("worker")
        found.append(WithRecord(contact(row), kind, record, worker))
    return found


async def insert(connection: Connection, contacts: Collection[Contact]) -> None:
    """New contacts."""
    if contacts:
        await connection.execute(INSERT, *columns(contacts))


async def write(connection: Connection, contacts: Collection[Contact]) -> None:
    """Write contacts as they are now, windows and what is sealed too."""
    if contacts:
        await connection.execute(WRITE, *columns(contacts))


def columns(contacts: Collection[Contact]) -> list[list[object]]:
    """Column by column."""
    return [list(column) for column in zip(*map(astuple, contacts), strict=True)]


async def stand(connection: Connection, contacts: Collection[Contact]) -> None:
    """Write how contacts stand now; nothing else of them changed."""
    if contacts:
        rows = [(each.contact_id, each.state.value, each.step, each.next_change_on) for each in contacts]
        await connection.execute(STAND, *map(list, zip(*rows, strict=True)))


async def awaken(connection: Connection) -> int:
    """Put planned contacts of active episodes that are on no clock back onto it; how many there were."""
    done: str = await connection.execute(AWAKEN)
    return int(done.split()[-1])


async def remove(connection: Connection, contact_ids: Collection[UUID]) -> None:
    """Remove contacts that were never announced."""
    if contact_ids:
        await connection.execute(REMOVE, list(contact_ids))


async def look_again(connection: Connection, episode_ids: Collection[UUID], today: date) -> None:
    """Have these episodes looked at with their keys."""
    if episode_ids:
        await connection.execute(LOOK_AGAIN, sorted(episode_ids), today)


async def outcomes(connection: Connection, episode_ids: Collection[UUID]) -> list[StoredOutcome]:
    """Everything recorded of contacts of these episodes, in order of time, what was undone too."""
    return [StoredOutcome(**row) for row in await connection.fetch(OUTCOMES, list(episode_ids))]


async def add_outcome(
    connection: Connection, outcome_id: UUID, contact_id: UUID, episode_id: UUID, sealed: bytes
) -> None:
    """Record an outcome; the database refuses a second one that stands."""
    await connection.execute(ADD_OUTCOME, outcome_id, contact_id, episode_id, sealed)


async def undo(connection: Connection, contact_id: UUID) -> bool:
    """Take the standing outcome back; False where none stands."""
    done: str = await connection.execute(UNDO, contact_id)
    return done != "UPDATE 0"


async def withhold(connection: Connection, ranges: Sequence[tuple[UUID, UUID, UUID, str]]) -> None:
    """Withhold every entry whose id lies in one of these ranges (announcing.ids_of): in the feed that the range names,
    of the facility on duty, all of them; in others those with a window."""
    if ranges:
        await connection.execute(WITHHOLD, *map(list, zip(*ranges, strict=True)))
