"""All SQL that counts tasks. No statement names one, and none asks what a task is for.

Counted is what the dates say on that day, so that a count does not depend on whether a worker process has let the day
pass yet. Of episodes only those whose consent is given, has not expired and is not paused, looked at by the statement
that counts; help with birth registration rests on the mother's wish at certification.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.alerts.assignments.repository import here
from services.alerts.worklist.rules import SOON
from shared.db import Connection

# The windows of everything that is still to be done at a facility.
TASKS = """
tasks AS (
  SELECT c.opens_on, c.due_on, c.episode_id
    FROM care_contact c JOIN episode e USING (episode_id)
   WHERE c.facility = $1 AND c.state IN ('planned', 'open', 'overdue') AND c.closes_on >= $2
     AND e.state = 'active' AND e.consent_until >= $2
  UNION ALL
  SELECT h.born_on + 15, (h.born_on + interval '1 month')::date, NULL
    FROM registration_help h WHERE h.facility = $1 AND h.state = 'open')
"""
WHEN = """
       count(*) FILTER (WHERE due_on < $2) AS overdue,
       count(*) FILTER (WHERE due_on >= $2 AND opens_on <= $2) AS today,
       count(*) FILTER (WHERE opens_on > $2 AND opens_on <= $3) AS soon
"""
NOW = f"WITH {TASKS} SELECT {WHEN} FROM tasks"

# The same, and each no farther than it is asked for; what is planned is found by the day on which it opens.
UP_TO = """
WITH care AS NOT MATERIALIZED (
  SELECT c.state, c.opens_on, c.due_on FROM care_contact c JOIN episode e USING (episode_id)
   WHERE c.facility = $1 AND c.closes_on >= $2 AND e.state = 'active' AND e.consent_until >= $2),
help AS NOT MATERIALIZED (
  SELECT born_on + 15 AS opens_on, (born_on + interval '1 month')::date AS due_on
    FROM registration_help WHERE facility = $1 AND state = 'open')
SELECT (SELECT count(*) FROM (
          SELECT 1 FROM help WHERE due_on < $2
          UNION ALL SELECT 1 FROM care WHERE state IN ('planned', 'open', 'overdue') AND due_on < $2
          LIMIT $4) found) AS overdue,
       (SELECT count(*) FROM (
          SELECT 1 FROM help WHERE due_on >= $2 AND opens_on <= $2
          UNION ALL SELECT 1 FROM care WHERE state IN ('open', 'overdue') AND due_on >= $2 AND opens_on <= $2
          UNION ALL SELECT 1 FROM care WHERE state = 'planned' AND due_on >= $2 AND opens_on <= $2
          LIMIT $4) found) AS today,
       (SELECT count(*) FROM (
          SELECT 1 FROM help WHERE opens_on > $2 AND opens_on <= $3
          UNION ALL SELECT 1 FROM care WHERE state = 'planned' AND opens_on > $2 AND opens_on <= $3
          LIMIT $4) found) AS soon
"""

# By the day by which they are in time; what is overdue stands on today.
DAYS = f"""
WITH {TASKS}
SELECT greatest(due_on, $2) AS day, count(*) FILTER (WHERE due_on >= $2) AS due, count(*) FILTER (WHERE due_on < $2)
       AS overdue
  FROM tasks WHERE due_on <= $3 GROUP BY 1 ORDER BY 1
"""

MISSED = """
SELECT count(*) FROM care_contact c JOIN episode e USING (episode_id)
 WHERE c.facility = $1 AND c.state = 'missed' AND c.closes_on >= $2 AND e.state = 'active' AND e.consent_until >= $3
"""
BY_WORKER = f"""
WITH {TASKS}
SELECT w.subject, {WHEN}
  FROM tasks t
  LEFT JOIN episode_worker w ON w.episode_id = t.episode_id AND w.facility = $1
        AND {here("$2")}
 GROUP BY 1 ORDER BY 1 NULLS LAST
"""

# Offers of episodes that wait for an answer: of this facility's, and to it.
OFFERED = """
SELECT count(*) FILTER (WHERE h.from_facility = $1) AS outgoing, count(*) FILTER (WHERE h.to_facility = $1) AS incoming
  FROM handover h JOIN episode e USING (episode_id)
 WHERE h.state = 'offered' AND $1 IN (h.from_facility, h.to_facility) AND e.state = 'active' AND e.consent_until >= $2
"""


@dataclass(frozen=True)
class Counts:
    """How many tasks are overdue, may and should be done now, and begin within a fortnight."""

    overdue: int
    today: int
    soon: int


@dataclass(frozen=True)
class OnDay:
    """How many tasks are in time up to this day; `overdue` only on today."""

    due: int
    overdue: int


async def now(connection: Connection, facility: str, today: date) -> Counts:
    """What a facility has to do, as of today."""
    row = await connection.fetchrow(NOW, facility, today, today + SOON)
    assert row is not None
    return Counts(**row)


async def some(connection: Connection, facility: str, today: date, limit: int) -> Counts:
    """The same for a page that is read often: of each no more than `limit`. What has begun is never soon."""
    row = await connection.fetchrow(UP_TO, facility, today, today + SOON, limit)
    assert row is not None
    return Counts(**row)


async def days(connection: Connection, facility: str, today: date, ahead: timedelta) -> dict[date, OnDay]:
    """The days from today on that have something."""
    rows = await connection.fetch(DAYS, facility, today, today + ahead)
    return {row["day"]: OnDay(row["due"], row["overdue"]) for row in rows}


async def missed(connection: Connection, facility: str, since: date, today: date) -> int:
    """How many contacts were missed for good since a day, of episodes whose consent holds."""
    found: int = await connection.fetchval(MISSED, facility, since, today)
    return found


async def by_worker(connection: Connection, facility: str, today: date) -> dict[str | None, Counts]:
    """What each worker of a facility has to do, by their subject in the order of the alphabet; None: what is given to
    nobody, or to workers who have left. Tasks that two share count for both."""
    rows = await connection.fetch(BY_WORKER, facility, today, today + SOON)
    return {row["subject"]: Counts(row["overdue"], row["today"], row["soon"]) for row in rows}


async def offered(connection: Connection, facility: str, today: date) -> tuple[int, int]:
    """How many hand-overs wait for another facility's answer, and for this one's."""
    row = await connection.fetchrow(OFFERED, facility, today)
    assert row is not None
    return row["outgoing"], row["incoming"]
