"""What the misuse rules read and raise. All SQL of the feature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registry.misuse.rules import Access
from shared.db import Connection

# One judge at a time: two would read one seal twice, which is harmless, and wait for each other.
UNTIL = """
INSERT INTO judged_until (name, seal) VALUES ('misuse', 0) ON CONFLICT (name) DO UPDATE SET seal = judged_until.seal
RETURNING seal
"""
MOVE = "UPDATE judged_until SET seal = $1 WHERE name = 'misuse'"

NEXT = """
SELECT s.number, s.last_written_by, s.last_access_id, coalesce(b.last_written_by, 0) AS after_written_by,
       coalesce(b.last_access_id, '00000000-0000-0000-0000-000000000000') AS after_access_id
  FROM access_seal s LEFT JOIN access_seal b ON b.number = s.number - 1
 WHERE s.number > $1 ORDER BY s.number LIMIT 1
"""

# Accesses of officials to people: not what feeds and snapshots told, not that an official was named, and not that a
# department read what it is asked about its own accesses, which tells nothing of the person. By what was done: how a
# token names its bearer, and for which purpose, excuses nothing. By whoever the person is now; what names nobody that
# is known is no access to a person.
NO_LOOKS = ("feed", "snapshot", "official", "question-asked")
ACCESSES = """
SELECT l.access_id, l.at, l.department, l.subject, coalesce(p.merged_into, p.person_id) AS person_id
  FROM access_log l
  JOIN person p ON p.person_id = CASE WHEN l.reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                      THEN l.reference::uuid END
 WHERE (l.written_by, l.access_id) > ($1, $2) AND (l.written_by, l.access_id) <= ($3, $4)
   AND l.department IS NOT NULL AND l.action <> ALL ($5::text[])
 ORDER BY l.at, l.access_id
"""
KEEP = """
INSERT INTO judged_access (access_id, at, department, subject, person_id, without_case)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::bool[])
    ON CONFLICT (access_id) DO NOTHING
"""
KEPT = """
SELECT access_id, at, department, subject, person_id, without_case FROM judged_access
 WHERE (department, subject) = ($1, $2) AND at > $3 ORDER BY at, access_id
"""
FORGET = "DELETE FROM judged_access /* removes */ WHERE at < $1"

OFFICIALS = """
SELECT o.department, o.subject, o.areas, coalesce(p.merged_into, p.person_id) AS person_id
  FROM official o JOIN person p USING (person_id)
 WHERE (o.department, o.subject) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""
COLLEAGUES = """
SELECT DISTINCT o.department, coalesce(p.merged_into, p.person_id) AS person_id FROM official o
  JOIN person p USING (person_id)
 WHERE o.person_id IN (SELECT person_id FROM person WHERE coalesce(merged_into, person_id) = ANY($1::uuid[]))
"""
STATES = "SELECT person_id, state FROM person WHERE person_id = ANY($1::uuid[])"

RAISE = """
INSERT INTO flag (flag_id, rule, department, subject, access_id, at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[])
    ON CONFLICT (flag_id) DO NOTHING RETURNING rule, department
"""

PUT = """
INSERT INTO official (department, subject, person_id, areas) VALUES ($1, $2, $3, $4)
    ON CONFLICT (department, subject) DO UPDATE
   SET person_id = excluded.person_id, areas = excluded.areas, provisioned_at = clock_timestamp()
"""
REMOVE = "DELETE FROM official /* removes */ WHERE (department, subject) = ($1, $2)"

FLAGS = """
SELECT f.flag_id, f.rule, f.department, f.subject, f.access_id, f.at, f.raised_at, f.decision, f.decided_at,
       b.category, b.justify_by, b.justification, b.justified_at
  FROM flag f LEFT JOIN break_glass b ON b.grant_id = f.flag_id
 WHERE (f.decision IS NULL) = $1 AND ($2::uuid IS NULL OR f.flag_id > $2) ORDER BY f.flag_id LIMIT $3
"""
DECIDE = """
UPDATE flag SET decision = $2, reason = $3, decided_by = $4, decided_at = clock_timestamp()
 WHERE flag_id = $1 AND coalesce(decision, 'seen') = 'seen' RETURNING flag_id
"""
KNOWN = "SELECT EXISTS (SELECT FROM flag WHERE flag_id = $1)"


@dataclass(frozen=True)
class Range:
    """The rows of one seal: behind `after`, up to and with `last`."""

    seal: int
    after: tuple[int, UUID]
    last: tuple[int, UUID]


@dataclass(frozen=True)
class Raised:
    """A flag as it is stored; the same one has the same id, and is stored once."""

    flag_id: UUID
    rule: str
    access: Access


async def next_seal(connection: Connection) -> Range | None:
    """The next seal that is not judged; nobody else judges it until this transaction ends."""
    row = await connection.fetchrow(NEXT, await connection.fetchval(UNTIL))
    if row is None:
        return None
    after = (row["after_written_by"], row["after_access_id"])
    return Range(row["number"], after, (row["last_written_by"], row["last_access_id"]))


async def judged(connection: Connection, seal: int) -> None:
    """A seal is judged."""
    await connection.execute(MOVE, seal)


async def accesses(connection: Connection, rows: Range) -> list[asyncpg.Record]:
    """The accesses of officials in a seal, in order of time."""
    return await connection.fetch(ACCESSES, *rows.after, *rows.last, NO_LOOKS)


async def keep(connection: Connection, page: Sequence[Access]) -> None:
    """Remember accesses for as long as the rules look back."""
    await connection.execute(
        KEEP,
        [each.access_id for each in page],
        [each.at for each in page],
        [each.department for each in page],
        [each.subject for each in page],
        [each.person for each in page],
        [each.without_case for each in page],
    )


async def kept(connection: Connection, department: str, subject: str, since: datetime) -> list[Access]:
    """What one official did since, in order of time."""
    rows = await connection.fetch(KEPT, department, subject, since)
    return [
        Access(row["access_id"], row["at"], row["department"], row["subject"], row["person_id"], row["without_case"])
        for row in rows
    ]


async def forget(connection: Connection, before: datetime) -> None:
    """Remove what the rules do not look back to any more."""
    await connection.execute(FORGET, before)


async def officials(connection: Connection, named: Iterable[tuple[str, str]]) -> list[asyncpg.Record]:
    """Those of these (department, subject) who are known as people."""
    wanted = sorted(set(named))
    return await connection.fetch(OFFICIALS, [each[0] for each in wanted], [each[1] for each in wanted])


async def colleagues(connection: Connection, people: Iterable[UUID]) -> set[tuple[str, UUID]]:
    """Which of these people are officials, and of which department."""
    return {(row["department"], row["person_id"]) for row in await connection.fetch(COLLEAGUES, list(people))}


async def states(connection: Connection, people: Iterable[UUID]) -> list[asyncpg.Record]:
    """People as they are stored."""
    return await connection.fetch(STATES, list(people))


async def raise_(connection: Connection, flags: Sequence[Raised]) -> list[asyncpg.Record]:
    """Store flags; returns those that are new."""
    return await connection.fetch(
        RAISE,
        [each.flag_id for each in flags],
        [each.rule for each in flags],
        [each.access.department for each in flags],
        [each.access.subject for each in flags],
        [each.access.access_id for each in flags],
        [each.access.at for each in flags],
    )


async def put(connection: Connection, department: str, subject: str, person: UUID | None, areas: Sequence[str]) -> None:
    """Store who an official is, in place of what was stored."""
    await connection.execute(PUT, department, subject, person, list(areas))


async def remove(connection: Connection, department: str, subject: str) -> bool:
    """Forget an official; False where there is none of that name."""
    done: str = await connection.execute(REMOVE, department, subject)
    return done != "DELETE 0"


async def flags(connection: Connection, *, undecided: bool, after: UUID | None, limit: int) -> list[asyncpg.Record]:
    """Flags, with what is known of a broken glass."""
    return await connection.fetch(FLAGS, undecided, after, limit)


async def decide(connection: Connection, flag: UUID, decision: str, reason: bytes, by: str) -> bool:
    """Store a decision; False where there is one already that is more than seen, or no such flag."""
    return await connection.fetchval(DECIDE, flag, decision, reason, by) is not None


async def known(connection: Connection, flag: UUID) -> bool:
    """Whether there is such a flag."""
    found: bool = await connection.fetchval(KNOWN, flag)
    return found
