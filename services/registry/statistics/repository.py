"""What people count for, totals and releases: all SQL of the feature."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.registry.facts.repository import columns
from shared.db import Connection

COUNTED = "SELECT person_id, cells FROM statistic_counted WHERE person_id = ANY($1::uuid[])"

# One statement for the page: people change under the locks that the fold holds, changes are only added.
STORE = """
WITH people AS (
  INSERT INTO statistic_counted (person_id, cells) SELECT * FROM unnest($1::uuid[], $2::bytea[])
  ON CONFLICT (person_id) DO UPDATE SET cells = excluded.cells)
INSERT INTO statistic_delta (kind, month, area, sex, born, within, people)
SELECT * FROM unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::int[], $8::smallint[], $9::bigint[])
"""

# What several add up at the same time is taken once; sorted, so that two that add to one total do not wait crosswise.
ADD_UP = """
WITH taken AS (
  DELETE FROM statistic_delta /* removes */ WHERE delta_id IN (
    SELECT delta_id FROM statistic_delta ORDER BY delta_id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING kind, month, area, sex, born, within, people),
added AS (
  INSERT INTO statistic_total AS t (kind, month, area, sex, born, within, people)
  SELECT kind, month, area, sex, born, within, sum(people) AS people FROM taken
   GROUP BY kind, month, area, sex, born, within HAVING sum(people) <> 0
   ORDER BY kind, month, area, sex, born, within
  ON CONFLICT (kind, month, area, sex, born, within) DO UPDATE SET people = t.people + excluded.people)
SELECT count(*) FROM taken
"""
EMPTY = "DELETE FROM statistic_total /* removes */ WHERE people = 0"

NOW = """
SELECT kind, month, area, sex, born, within, sum(people)::bigint AS people FROM (
  SELECT kind, month, area, sex, born, within, people FROM statistic_total
  UNION ALL SELECT kind, month, area, sex, born, within, people FROM statistic_delta) every
"""
ALL = f"{NOW} GROUP BY kind, month, area, sex, born, within HAVING sum(people) <> 0"

# People at the end of a month by place, sex and age group.
STANDING = """
SELECT area, sex, least(($1 - born) / 12 / $3, $4) * $3 AS age,
       sum(CASE WHEN kind IN ('joined', 'arrived') THEN people ELSE -people END)::bigint AS people
  FROM (SELECT kind, month, area, sex, born, people FROM statistic_total
        UNION ALL SELECT kind, month, area, sex, born, people FROM statistic_delta) every
 WHERE kind = ANY($2::text[]) AND month <= $1
 GROUP BY 1, 2, 3 HAVING sum(CASE WHEN kind IN ('joined', 'arrived') THEN people ELSE -people END) <> 0
"""

FLOWS = """
SELECT kind, left(area, 9) AS area, within, sex, CASE WHEN kind = 'delivered' THEN born ELSE 0 END AS born,
       sum(people)::bigint AS people
  FROM (SELECT kind, month, area, sex, born, within, people FROM statistic_total
        UNION ALL SELECT kind, month, area, sex, born, within, people FROM statistic_delta) every
 WHERE month BETWEEN $1 AND $2
 GROUP BY 1, 2, 3, 4, 5 HAVING sum(people) <> 0
"""

BY_BIRTH = """
SELECT born, sum(CASE WHEN kind IN ('joined', 'arrived') THEN people ELSE -people END)::bigint AS people
  FROM (SELECT kind, month, born, people FROM statistic_total
        UNION ALL SELECT kind, month, born, people FROM statistic_delta) every
 WHERE kind = ANY($2::text[]) AND month <= $1
 GROUP BY 1 HAVING sum(CASE WHEN kind IN ('joined', 'arrived') THEN people ELSE -people END) <> 0
"""
OPEN_WORK = """
SELECT (SELECT count(*) FROM contradiction WHERE gone_at IS NULL AND explained_at IS NULL) AS contradictions,
       (SELECT count(*) FROM half_move) AS half_moves
"""
COUNTED_ON = "SELECT counted_on FROM statistic_whole WHERE provisioned = $1"
COUNTED_BY = """
INSERT INTO statistic_whole (provisioned, counted_on) VALUES ($1, $2)
ON CONFLICT (provisioned) DO UPDATE SET counted_on = excluded.counted_on
"""
BEGAN = "SELECT min(recorded_at) FROM vital_event"

RELEASED = "SELECT EXISTS (SELECT FROM statistic_release WHERE period = $1)"
PUBLISH = """
INSERT INTO statistic_release (period, indicator, digest, figures)
SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::jsonb[])
"""
RELEASE = "SELECT made_at, digest, figures FROM statistic_release WHERE (period, indicator) = ($1, $2)"
PERIODS = "SELECT period, min(made_at) AS made_at FROM statistic_release GROUP BY period ORDER BY period"
OF_THE_YEAR = """
SELECT figures FROM statistic_release WHERE indicator = $1 AND period LIKE $2 || '-%' AND period < $3
 ORDER BY period DESC LIMIT 1
"""

MONTHS_OF_THE_YEAR = """
SELECT indicator, figures FROM statistic_release WHERE indicator = ANY($1) AND period LIKE $2 || '-%' ORDER BY period
"""


async def counted_for(connection: Connection, people: Sequence[UUID]) -> list[asyncpg.Record]:
    """What these people count for, sealed."""
    return await connection.fetch(COUNTED, people)


async def store(
    connection: Connection,
    people: Sequence[tuple[UUID, bytes]],
    deltas: Sequence[tuple[str, int, str, str, int, int, int]],
) -> None:
    """Replace what people count for, and add the differences."""
    await connection.execute(STORE, *columns(people), *(columns(deltas) or [[]] * 7))


async def add_up(connection: Connection, limit: int) -> int:
    """Add the oldest differences to the totals; returns how many."""
    taken: int = await connection.fetchval(ADD_UP, limit)
    if taken:
        await connection.execute(EMPTY)
    return taken


async def everything(connection: Connection) -> list[asyncpg.Record]:
    """All counts, as they stand with every difference."""
    return await connection.fetch(ALL)


async def standing(
    connection: Connection, month: int, kinds: Sequence[str], step: int, last: int
) -> list[asyncpg.Record]:
    """People at the end of a month by place, sex and age group of `step` years; the group numbered `last` is open."""
    return await connection.fetch(STANDING, month, list(kinds), step, last)


async def flows(connection: Connection, first: int, last: int) -> list[asyncpg.Record]:
    """What happened in these months by kind, township, sex and, for births, the mother's age group."""
    return await connection.fetch(FLOWS, first, last)


async def by_birth(connection: Connection, month: int, kinds: Sequence[str]) -> dict[int, int]:
    """People at the end of a month by the month of birth, in the whole county."""
    return {row["born"]: row["people"] for row in await connection.fetch(BY_BIRTH, month, list(kinds))}


async def open_work(connection: Connection) -> tuple[int, int]:
    """How many contradictions and halves of moves wait for people: work, not people by any property."""
    row = await connection.fetchrow(OPEN_WORK)
    return (0, 0) if row is None else (row["contradictions"], row["half_moves"])


async def counted_on(connection: Connection, provisioned: bytes) -> date | None:
    """The day on which everybody was counted by a provisioned list, known by its digest; None: never to the end."""
    found: date | None = await connection.fetchval(COUNTED_ON, provisioned)
    return found


async def counted_by(connection: Connection, provisioned: bytes, day: date) -> None:
    """Note that everybody is counted by a provisioned list as it reads on that day."""
    await connection.execute(COUNTED_BY, provisioned, day)


async def began(connection: Connection) -> datetime | None:
    """When the register began to know anything."""
    found: datetime | None = await connection.fetchval(BEGAN)
    return found


async def released(connection: Connection, period: str) -> bool:
    """Whether the period is published."""
    found: bool = await connection.fetchval(RELEASED, period)
    return found


async def publish(connection: Connection, period: str, rows: Sequence[tuple[str, bytes, str]]) -> None:
    """Store what is published for a period: indicator, digest, figures."""
    await connection.execute(PUBLISH, period, *columns(rows))


async def release(connection: Connection, period: str, indicator: str) -> asyncpg.Record | None:
    """An indicator as published for a period."""
    return await connection.fetchrow(RELEASE, period, indicator)


async def periods(connection: Connection) -> list[tuple[str, datetime]]:
    """The periods published, and when."""
    return [(row["period"], row["made_at"]) for row in await connection.fetch(PERIODS)]


async def earlier_in_the_year(connection: Connection, indicator: str, period: str) -> str | None:
    """The figures of the last release before that month in its year."""
    found: str | None = await connection.fetchval(OF_THE_YEAR, indicator, period[:4], period)
    return found


async def months_of_the_year(connection: Connection, indicators: Sequence[str], year: str) -> list[asyncpg.Record]:
    """The figures of these indicators in every month of the year that is published, the first first."""
    return await connection.fetch(MONTHS_OF_THE_YEAR, list(indicators), year)
