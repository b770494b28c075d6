"""All SQL of the worklist."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.alerts.registration_help.rules import Window
from services.alerts.worklist.rules import Place, When
from shared.db import Connection

BEGINNING: Place = (date.min, UUID(int=0))

# Ordered by birth: due dates never decrease along it, and nothing else about a family shows in the order.
OPEN = """
SELECT h.help_id, h.born_on, h.area, h.names,
       coalesce(m.merged_into, h.mother) AS mother, coalesce(c.merged_into, h.child) AS child
  FROM registration_help h
  LEFT JOIN directory_person m ON m.reference = h.mother
  LEFT JOIN directory_person c ON c.reference = h.child
 WHERE h.facility = $1 AND h.state = 'open'
"""
PAGE = (
    OPEN
    + """
   AND (h.born_on, h.help_id) > ($2, $3) AND h.born_on BETWEEN $4 AND $5
 ORDER BY h.born_on, h.help_id LIMIT $6
"""
)
SOME = OPEN + " AND h.help_id = ANY($2::uuid[]) ORDER BY h.help_id"

# For supervisors: help that nobody sees because no facility serves the area, or the area is not known.
WITHOUT_FACILITY = "SELECT count(*) FROM registration_help WHERE state = 'open' AND facility IS NULL"

HELP_COUNTS = """
SELECT count(*) FILTER (WHERE born_on <= $2) AS overdue, count(*) FILTER (WHERE born_on > $2) AS today
  FROM registration_help WHERE facility = $1 AND state = 'open'
"""

PEOPLE = "SELECT help_id, child, mother FROM registration_help WHERE help_id = ANY($1::uuid[])"


@dataclass(frozen=True)
class OpenHelp:
    """One row as stored; names are sealed."""

    help_id: UUID
    born_on: date
    area: str | None
    names: bytes
    mother: str
    child: str

    @property
    def due_on(self) -> date:
        """The last day in time."""
        return Window.of(self.born_on).due_on

    @property
    def place(self) -> Place:
        """Where it stands in its list."""
        return self.born_on, self.help_id


async def page(
    connection: Connection, facility: str, after: Place | None, born: tuple[date, date], limit: int
) -> list[OpenHelp]:
    """Open help of a facility after a place, in order of birth, for births between two days."""
    rows = await connection.fetch(PAGE, facility, *(after or BEGINNING), *born, limit)
    return [OpenHelp(**row) for row in rows]


async def help_counts(connection: Connection, facility: str, last_overdue: date) -> dict[When, int]:
    """How much open help a facility has; births up to `last_overdue` are overdue."""
    row = await connection.fetchrow(HELP_COUNTS, facility, last_overdue)
    assert row is not None
    return {When.OVERDUE: row["overdue"], When.TODAY: row["today"]}


async def some(connection: Connection, facility: str, help_ids: list[UUID]) -> list[OpenHelp]:
    """Those of these that are open at this facility."""
    return [OpenHelp(**row) for row in await connection.fetch(SOME, facility, help_ids)]


async def without_facility(connection: Connection) -> int:
    """How many open contacts no facility sees."""
    count: int = await connection.fetchval(WITHOUT_FACILITY)
    return count


async def people(connection: Connection, help_ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Child and mother of each."""
    return {row["help_id"]: (row["child"], row["mother"]) for row in await connection.fetch(PEOPLE, help_ids)}
