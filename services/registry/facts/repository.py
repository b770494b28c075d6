"""Facts, people and links in PostgreSQL. All SQL of folding; batches by unnest: row by row is 20 times slower."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.registry.facts.lineage import EventHeader
from services.registry.facts.state import PersonState
from shared.db import Connection

# While an import writes new people (services/registry/imports), nobody resolves: it holds this lock alone.
GATE = 7_213_650_449_120_001
LOCK_KEYS = f"""
SELECT pg_advisory_xact_lock_shared({GATE}) UNION ALL SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) k
"""

RESOLVE = "SELECT blind_index, person_id FROM identifier_index WHERE blind_index = ANY($1::bytea[])"

LINEAGE_PEOPLE = """
SELECT DISTINCT f.person_id FROM fact f JOIN vital_event e USING (receipt)
 WHERE e.lineage IN (SELECT t.lineage FROM vital_event t
                       JOIN unnest($1::text[], $2::text[]) AS k(source, id) ON (t.source, t.id) = (k.source, k.id))
"""

PEOPLE_NAMED = "SELECT person_id, merged_into, state FROM person WHERE person_id = ANY($1::uuid[]) ORDER BY person_id"
LOCK_PEOPLE = f"{PEOPLE_NAMED} FOR NO KEY UPDATE"

SPOUSES = """
SELECT DISTINCT other.person_id FROM fact mine JOIN vital_event e USING (receipt)
  JOIN fact other ON other.receipt = mine.receipt AND other.role <> mine.role
 WHERE mine.person_id = ANY($1::uuid[]) AND e.type = 'marriage.registered'
"""

STATES = "SELECT person_id, state FROM person WHERE person_id = ANY($1::uuid[])"

FACTS = """
SELECT f.person_id, f.receipt, f.role, f.body, e.recorded_at, e.lineage
  FROM fact f JOIN vital_event e USING (receipt) WHERE f.person_id = ANY($1::uuid[])
"""

NUMBERS = "SELECT person_id, blind_index, type FROM identifier_index WHERE person_id = ANY($1::uuid[])"

RESIDENCIES = """
SELECT person_id, since, until, household_number, household_kind, relation, area FROM residency
 WHERE person_id = ANY($1::uuid[])
"""

# Keyset paging, so that a rebuild of ten million people holds a page of them.
PEOPLE = """
SELECT person_id, merged_into, state FROM person WHERE person_id > $1 ORDER BY person_id LIMIT $2
"""

EVENTS = """
SELECT e.receipt, e.source, e.id, e.type, e.department, e.lineage FROM vital_event e
  JOIN unnest($1::text[], $2::text[]) AS k(source, id) ON (e.source, e.id) = (k.source, k.id)
"""

# Only superseding events are needed: whatever one of them supersedes is dead (facts/lineage.py).
SUPERSEDING = """
SELECT source, id, time, action, supersedes_source, supersedes_id, recorded_at FROM vital_event
 WHERE lineage = ANY($1::uuid[]) AND supersedes_id IS NOT NULL
"""

WAITING = """
SELECT h.receipt, h.department, h.reason, h.body FROM held_event h
  JOIN unnest($1::text[], $2::text[]) AS k(source, id) ON (h.waits_for_source, h.waits_for_id) = (k.source, k.id)
 WHERE h.rejected_at IS NULL FOR UPDATE OF h
"""

# An ambiguous one is looked at again whenever one of its identifiers appears.
HELD_BY_NUMBERS = """
SELECT h.receipt, h.department, h.reason, h.body FROM held_event h
 WHERE h.receipt IN (SELECT receipt FROM held_number WHERE blind_index = ANY($1::bytea[])) AND h.rejected_at IS NULL
   AND h.waits_for_id IS NULL ORDER BY h.receipt FOR UPDATE OF h
"""
REMEMBER_NUMBERS = """
INSERT INTO held_number (blind_index, receipt) SELECT * FROM unnest($1::bytea[], $2::uuid[]) ON CONFLICT DO NOTHING
"""

PERMITTED = """
SELECT p.source, p.id, p.department FROM correction_permit p
  JOIN unnest($1::text[], $2::text[], $3::text[]) AS asked(source, id, department)
    ON (p.source, p.id, p.department) = (asked.source, asked.id, asked.department)
"""

MENTIONED = """
SELECT e.source, e.id, f.role, f.person_id
  FROM unnest($1::text[], $2::text[], $3::text[]) AS k(source, id, role)
  JOIN vital_event e ON (e.source, e.id) = (k.source, k.id) JOIN fact f ON f.receipt = e.receipt AND f.role = k.role
"""

# Who a fact was linked to at a time: where its first later move started, else where it is linked now.
MENTIONED_KNOWN_AT = """
SELECT e.source, e.id, f.role, coalesce(later.from_person, f.person_id) AS person_id
  FROM unnest($1::text[], $2::text[], $3::text[]) AS k(source, id, role)
  JOIN vital_event e ON (e.source, e.id) = (k.source, k.id) JOIN fact f ON f.receipt = e.receipt AND f.role = k.role
  LEFT JOIN LATERAL (SELECT r.from_person FROM relink r WHERE r.receipt = f.receipt AND r.role = f.role
                        AND r.recorded_at > $4 ORDER BY r.recorded_at LIMIT 1) later ON true
"""

INSERT_EVENTS = """
INSERT INTO vital_event (receipt, source, id, type, department, action, effective_on, time, supersedes_source,
                         supersedes_id, lineage, recorded_at)
SELECT *, $12::timestamptz
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::timestamptz[],
              $9::text[], $10::text[], $11::uuid[])
"""

STORE_PEOPLE = """
INSERT INTO person (person_id, state, folded_at) SELECT *, $3::timestamptz FROM unnest($1::uuid[], $2::bytea[])
ON CONFLICT (person_id) DO UPDATE SET state = excluded.state, folded_at = excluded.folded_at
"""

INSERT_FACTS = """
INSERT INTO fact (person_id, receipt, role, body) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[])
"""

INSERT_INDEXES = """
INSERT INTO identifier_index (blind_index, person_id, type)
SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::text[]) ON CONFLICT DO NOTHING
"""

# Only people whose residencies changed come here.
STORE_RESIDENCIES = """
INSERT INTO residency (person_id, since, until, household_number, household_kind, relation, area)
SELECT * FROM unnest($1::uuid[], $2::date[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[])
"""

STORE_HOUSEHOLDS = "INSERT INTO household (number) SELECT DISTINCT unnest($1::text[]) ON CONFLICT DO NOTHING"

HOLD = """
INSERT INTO held_event (receipt, department, reason, decider, due, waits_for_source, waits_for_id, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (receipt) DO UPDATE SET reason = excluded.reason, decider = excluded.decider, due = excluded.due,
       waits_for_source = excluded.waits_for_source, waits_for_id = excluded.waits_for_id
 WHERE held_event.reason <> excluded.reason
"""

RELEASE = "DELETE FROM held_event /* removes */ WHERE receipt = ANY($1::uuid[]) RETURNING receipt"
HELD = "SELECT receipt, body FROM held_event WHERE receipt = ANY($1::uuid[]) AND rejected_at IS NULL ORDER BY receipt"

# Locked, so that none is rejected while it is applied.
REJECTED = "SELECT receipt, rejected_at FROM held_event WHERE receipt = ANY($1::uuid[]) ORDER BY receipt FOR UPDATE"

# The row stays, without what was reported, so that a repeat of the event is known to be rejected.
OVERDUE = """
UPDATE held_event SET rejected_at = clock_timestamp(), body = ''::bytea WHERE receipt IN (
  SELECT receipt FROM held_event WHERE due < $1 AND rejected_at IS NULL
   ORDER BY receipt LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING receipt, old.body AS body
"""

REJECT = "UPDATE held_event SET rejected_at = clock_timestamp(), body = ''::bytea WHERE receipt = $1"

MERGE = (
    """INSERT INTO person_alias (person_id, since, into_person, cases)
       SELECT $1, $3, $2, coalesce(array_agg(case_id), '{}') FROM called_case WHERE person_id = $1""",
    """INSERT INTO relink (receipt, role, recorded_at, from_person, to_person)
       SELECT receipt, role, $3, person_id, $2 FROM fact WHERE person_id = $1""",
    "UPDATE fact SET person_id = $2 WHERE person_id = $1",
    """INSERT INTO identifier_index (blind_index, person_id, type)
       SELECT blind_index, $2, type FROM identifier_index WHERE person_id = $1 ON CONFLICT DO NOTHING""",
    "DELETE FROM identifier_index /* removes */ WHERE person_id = $1",
    "DELETE FROM residency /* removes */ WHERE person_id = $1",
    "UPDATE person SET merged_into = $2 WHERE person_id = $1 OR merged_into = $1",
    "UPDATE called_case SET person_id = $2 WHERE person_id = $1",
)


class StoredResidency(NamedTuple):
    """A derived residency row."""

    person_id: UUID
    since: date
    until: date | None
    household_number: str | None
    household_kind: str | None
    relation: str | None
    area: str | None


def residencies_of(person: UUID, state: PersonState) -> list[StoredResidency]:
    """The rows that derive from a state."""
    return [
        StoredResidency(person, stay.since, stay.until, stay.household, stay.kind, stay.relation, stay.area)
        for stay in state.residencies
    ]


def columns(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """Rows to columns, for unnest."""
    return [list(column) for column in zip(*rows, strict=True)]


def pairs(keys: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Event keys to two columns."""
    known = sorted(set(keys))
    return [source for source, _ in known], [id_ for _, id_ in known]


async def lock_keys(connection: Connection, keys: Iterable[int]) -> None:
    """Take advisory locks in sorted order, before anything is resolved (the order of locks is the architecture's)."""
    if wanted := sorted(set(keys)):
        await connection.execute(LOCK_KEYS, wanted)


async def resolve(connection: Connection, indexes: Iterable[bytes]) -> list[asyncpg.Record]:
    """Who holds these identifiers: (blind_index, person_id)."""
    return await connection.fetch(RESOLVE, sorted(set(indexes)))


async def lineage_people(connection: Connection, targets: Iterable[tuple[str, str]]) -> set[UUID]:
    """People with facts in the lineages of superseded events."""
    wanted = pairs(targets)
    return {row["person_id"] for row in await connection.fetch(LINEAGE_PEOPLE, *wanted)} if wanted[0] else set()


async def lock_people(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """Lock people in sorted order and read their states."""
    wanted = sorted(people)
    return await connection.fetch(LOCK_PEOPLE, wanted) if wanted else []


async def people(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """People as `lock_people` gives them, without a lock: for a reader."""
    return await connection.fetch(PEOPLE_NAMED, sorted(people))


async def spouses(connection: Connection, people: Collection[UUID]) -> set[UUID]:
    """Whom any marriage ever named beside these people."""
    return {row["person_id"] for row in await connection.fetch(SPOUSES, list(people))} if people else set()


async def states(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """States of people as they stand, without a lock."""
    return await connection.fetch(STATES, list(people))


async def facts(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """All facts of people."""
    wanted = list(people)
    return await connection.fetch(FACTS, wanted) if wanted else []


async def numbers(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """All identifier indexes of people."""
    return await connection.fetch(NUMBERS, list(people))


async def residencies(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """All derived residencies of people."""
    return await connection.fetch(RESIDENCIES, list(people))


async def people_after(connection: Connection, person: UUID, limit: int) -> list[asyncpg.Record]:
    """The next people by id, aliases among them."""
    return await connection.fetch(PEOPLE, person, limit)


async def applied_events(connection: Connection, keys: Iterable[tuple[str, str]]) -> list[asyncpg.Record]:
    """Which of these events are applied already."""
    return await connection.fetch(EVENTS, *pairs(keys))


async def superseding(connection: Connection, lineages: Iterable[UUID]) -> list[EventHeader]:
    """The superseding events of lineages."""
    return [
        EventHeader(
            row["source"],
            row["id"],
            row["time"],
            row["action"],
            (row["supersedes_source"], row["supersedes_id"]),
            row["recorded_at"],
        )
        for row in await connection.fetch(SUPERSEDING, list(lineages))
    ]


async def permitted(
    connection: Connection, asked: Iterable[tuple[tuple[str, str], str]]
) -> set[tuple[tuple[str, str], str]]:
    """Which of these events of others these departments may supersede."""
    rows = await connection.fetch(PERMITTED, *columns([(*event, department) for event, department in asked]))
    return {((row["source"], row["id"]), row["department"]) for row in rows}


async def waiting_for(connection: Connection, keys: Iterable[tuple[str, str]]) -> list[asyncpg.Record]:
    """Held events that wait for one of these."""
    return await connection.fetch(WAITING, *pairs(keys))


async def held_by_numbers(connection: Connection, indexes: Iterable[bytes]) -> list[asyncpg.Record]:
    """Ambiguous events with one of these identifiers."""
    return await connection.fetch(HELD_BY_NUMBERS, sorted(set(indexes)))


async def remember_numbers(connection: Connection, rows: Sequence[tuple[bytes, UUID]]) -> None:
    """Note the identifiers of ambiguous events."""
    if rows:
        await connection.execute(REMEMBER_NUMBERS, *columns(rows))


async def held(connection: Connection, receipts: Iterable[UUID]) -> list[asyncpg.Record]:
    """Those of these events that are held, without a lock."""
    return await connection.fetch(HELD, list(receipts))


async def rejected(connection: Connection, receipts: Iterable[UUID]) -> set[UUID]:
    """Which of these were rejected: a receipt never goes back, however often its event is repeated."""
    rows = await connection.fetch(REJECTED, list(receipts))
    return {row["receipt"] for row in rows if row["rejected_at"] is not None}


async def reject(connection: Connection, receipt: UUID) -> None:
    """Mark a held event that is locked as rejected; what was reported is gone."""
    await connection.execute(REJECT, receipt)


async def mentioned(
    connection: Connection, mentions: Iterable[tuple[str, str, str]], known_at: datetime | None = None
) -> dict[tuple[str, str, str], UUID]:
    """Who is meant by mentions of other people; with `known_at`, who was by what was known then."""
    asked = sorted(set(mentions))
    if not asked:
        return {}
    if known_at is None:
        rows = await connection.fetch(MENTIONED, *columns(asked))
    else:
        rows = await connection.fetch(MENTIONED_KNOWN_AT, *columns(asked), known_at)
    return {(row["source"], row["id"], row["role"]): row["person_id"] for row in rows}


async def new_ids(connection: Connection, count: int) -> list[UUID]:
    """Time-ordered ids for new people, oldest first."""
    return [
        row[0] for row in await connection.fetch("SELECT uuidv7() FROM generate_series(1, $1::int) ORDER BY 1", count)
    ]


async def merge(connection: Connection, loser: UUID, winner: UUID, recorded_at: datetime) -> None:
    """Re-point facts and identifiers of one person to another and keep the first as an alias."""
    for statement in MERGE:
        await connection.execute(statement, *(loser, winner, recorded_at)[: len(set(re.findall(r"\$\d", statement)))])


async def store_residencies(connection: Connection, people: Sequence[UUID], rows: Sequence[StoredResidency]) -> None:
    """Replace the derived residencies of people whose residencies changed."""
    await connection.execute("DELETE FROM residency /* removes */ WHERE person_id = ANY($1::uuid[])", people)
    if not rows:
        return
    households = sorted({row.household_number for row in rows if row.household_number})
    await connection.execute(STORE_HOUSEHOLDS, households)
    await connection.execute(
        STORE_RESIDENCIES,
        *columns(rows),
    )


async def release(connection: Connection, receipts: Sequence[UUID]) -> bool:
    """Held events that were applied wait no longer; whether any of these did."""
    gone = await connection.fetch(RELEASE, receipts)
    if gone:
        await forget_numbers(connection, receipts)
    return bool(gone)


async def forget_numbers(connection: Connection, receipts: Sequence[UUID]) -> None:
    """Nobody looks at these events again."""
    await connection.execute("DELETE FROM held_number /* removes */ WHERE receipt = ANY($1::uuid[])", receipts)


async def let_pass(connection: Connection, today: date) -> dict[UUID, bytes]:
    """Mark up to 500 held events that were due before today as rejected; gives their bodies as sealed until now, by
    receipt, sorted."""
    rows = await connection.fetch(OVERDUE, today)
    return {row["receipt"]: row["body"] for row in sorted(rows, key=lambda row: row["receipt"])}
