"""What the misuse rules read and raise. All SQL of the feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from services.alerts.misuse.limits import Limits
from services.alerts.misuse.rules import Flag, Opened, Worker
from services.alerts.questions.repository import Answering, answers, given
from shared.clock import SHANGHAI
from shared.db import Connection

JUDGED = "SELECT judged_on FROM care_judged"
# Of two who judged the same day, one alone moves on.
MOVE = """
INSERT INTO care_judged (one, judged_on) VALUES (true, $1)
    ON CONFLICT (one) DO UPDATE SET judged_on = excluded.judged_on WHERE care_judged.judged_on < excluded.judged_on
RETURNING judged_on
"""

OPENS: Final = ("read-episode", "read-workers", "preview-schedules", "preview-revise-dates", "preview-record-delivery")
"""What shows one episode."""
LISTS: Final = ("worklist", "feed", "list-episodes", "handovers")
"""What shows an episode among others, because something is due or to be decided."""
ENDED: Final = "end-episode"
NO_ACTS: Final = (*OPENS, *LISTS, "task-reports", "read-reports", "read-questions")

# Accesses of workers to episodes: not what services read, not her own, nor help with a registration, which names her.
LOOKS = """
FROM access_log
 WHERE access_id >= $1 AND access_id < $2 AND purpose = 'care' AND service IS NULL AND facility IS NOT NULL
   AND reference LIKE 'care:%'
"""
# The hour in Shanghai, of a night that may pass midnight.
HOUR = "extract(hour FROM at AT TIME ZONE 'Asia/Shanghai')"
OPENED = f"""
SELECT facility, subject, reference AS name, array_agg(DISTINCT {HOUR}::int) AS hours
{LOOKS} AND action = ANY($3)
 GROUP BY facility, subject, reference
"""
AT_ONCE = 100  # how many looks one statement asks about: none takes longer for a day of more of them
# Ids are in the order of time, so that by its name each is found among an episode's entries.
ABOUT = """
SELECT (SELECT count(DISTINCT (a.at AT TIME ZONE 'Asia/Shanghai')::date) FROM access_log a
         WHERE a.reference = o.name AND a.access_id >= $5 AND a.access_id < $4
           AND (a.facility, a.subject) = (o.facility, o.subject) AND a.action = ANY($8)) AS days,
       EXISTS (SELECT FROM access_log a
                WHERE a.reference = o.name AND a.access_id >= $5 AND a.access_id < $6
                  AND (a.facility, a.subject) = (o.facility, o.subject) AND a.action <> ALL($10)) AS acted,
       EXISTS (SELECT FROM access_log a
                WHERE a.reference = o.name AND a.access_id >= $7 AND a.access_id < $4
                  AND a.facility = o.facility AND a.action = ANY($9)) AS due,
       (SELECT min(a.at) FROM access_log a WHERE a.reference = o.name AND a.action = $11) AS ended_at
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS o (facility, subject, name, place)
 ORDER BY place
"""
LISTED = f"""
SELECT facility, subject, count(DISTINCT reference) AS episodes
{LOOKS} AND action = ANY($3) AND {HOUR} = ANY($4)
 GROUP BY facility, subject
"""

RAISE = """
INSERT INTO care_flag (rule, version, facility, subject, day, name, count, above)
SELECT rule, version, facility, subject, $1, name, count, above
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[])
       AS raised (rule, version, facility, subject, name, count, above)
    ON CONFLICT DO NOTHING
"""

ANSWERS = answers("f.subject", "f.facility")
READ = "flag_id, rule, version, facility, subject, day, name, count, above, raised_at, decision, decided_at"
FLAGS = f"""
SELECT {READ} FROM care_flag f
 WHERE {ANSWERS} AND (decision IS NOT NULL) = $5 AND ($6::uuid IS NULL OR flag_id > $6) ORDER BY flag_id LIMIT $7
"""
WAITING = f"SELECT count(*) FROM care_flag f WHERE {ANSWERS} AND decision IS NULL"
ONE = f"SELECT decision FROM care_flag f WHERE {ANSWERS} AND flag_id = $5 FOR UPDATE"
DECIDE = """
UPDATE care_flag SET decision = $2, reason = $3, decided_by = $4, decided_at = clock_timestamp() WHERE flag_id = $1
"""


@dataclass(frozen=True)
class Stored:
    """A flag as stored; days in Asia/Shanghai."""

    flag_id: UUID
    rule: str
    version: str
    facility: str
    subject: str
    day: date
    name: str | None
    count: int
    above: int
    raised_at: datetime
    decision: str | None
    decided_at: datetime | None


async def judged(connection: Connection) -> date | None:
    """The last day that is judged; None where none was."""
    found: date | None = await connection.fetchval(JUDGED)
    return found


async def move(connection: Connection, day: date) -> bool:
    """Write that this day is judged; False where somebody else judged it meanwhile."""
    return await connection.fetchval(MOVE, day) is not None


async def opened(connection: Connection, day: date, limits: Limits) -> list[Opened]:
    """Every episode that each worker opened on a day."""
    begins, ends = span(day, 0, 1)
    back, acted_until = span(day, -limits.looks_back, 1 + limits.waits)
    due_from, _ = span(day, -1, 1)
    over = day - timedelta(days=limits.after_end)
    wanted = (ends, back, acted_until, due_from, list(OPENS), list(LISTS), list(NO_ACTS), ENDED)
    night = set(limits.night.hours)
    looks = await connection.fetch(OPENED, begins, ends, list(OPENS))
    found = []
    for first in range(0, len(looks), AT_ONCE):
        some = looks[first : first + AT_ONCE]
        keys = [[look[key] for look in some] for key in ("facility", "subject", "name")]
        for look, row in zip(some, await connection.fetch(ABOUT, *keys, *wanted), strict=True):
            found.append(
                Opened(
                    Worker(look["facility"], look["subject"]),
                    look["name"],
                    row["days"],
                    not night.isdisjoint(look["hours"]),
                    row["acted"],
                    row["due"],
                    row["ended_at"] is not None and row["ended_at"].astimezone(SHANGHAI).date() < over,
                )
            )
    return found


async def listed_at_night(connection: Connection, day: date, limits: Limits) -> dict[Worker, int]:
    """How many episodes each worker was shown on lists in the hours of the night of a day."""
    rows = await connection.fetch(LISTED, *span(day, 0, 1), list(LISTS), limits.night.hours)
    return {Worker(row["facility"], row["subject"]): row["episodes"] for row in rows}


async def raise_(connection: Connection, day: date, flags: Sequence[Flag], limits: Limits) -> None:
    """Store flags of a day, each once."""
    rules = [limits.of(flag.rule) for flag in flags]
    await connection.execute(
        RAISE,
        day,
        [flag.rule for flag in flags],
        [rule.version for rule in rules],
        [flag.worker.facility for flag in flags],
        [flag.worker.subject for flag in flags],
        [flag.name for flag in flags],
        [flag.count for flag in flags],
        [rule.above for rule in rules],
    )


async def flags(
    connection: Connection, reader: Answering, after: UUID | None, limit: int, *, decided: bool
) -> list[Stored]:
    """The flags that the reader answers for, in the order in which they were raised."""
    return [Stored(**row) for row in await connection.fetch(FLAGS, *given(reader), decided, after, limit)]


async def waiting(connection: Connection, reader: Answering) -> int:
    """How many wait for a decision that the reader may make."""
    count: int = await connection.fetchval(WAITING, *given(reader))
    return count


async def standing(connection: Connection, flag: UUID, reader: Answering) -> tuple[str | None] | None:
    """Lock a flag that the reader may decide about: its decision. None where there is no such flag."""
    row = await connection.fetchrow(ONE, *given(reader), flag)
    return None if row is None else (row["decision"],)


async def decide(connection: Connection, flag: UUID, decision: str, reason: bytes, by: str) -> None:
    """Store a decision about a flag that is locked."""
    await connection.execute(DECIDE, flag, decision, reason, by)


def span(day: date, first: int, end: int) -> tuple[UUID, UUID]:
    """Between which ids lie entries from the beginning of a day to that of another one, counted from `day`: ids of the
    access log (UUIDv7) begin with the millisecond."""
    return _id_at(day + timedelta(days=first)), _id_at(day + timedelta(days=end))


def _id_at(day: date) -> UUID:
    at = datetime.combine(day, time(), SHANGHAI)
    return UUID(int=int(at.timestamp() * 1000) << 80)
