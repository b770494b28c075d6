"""All SQL of the worklist."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.alerts.assignments.repository import here
from services.alerts.registration_help.rules import Window
from services.alerts.worklist.rules import BEGINNING, SOON, Place, Source, Wanted
from shared.db import Connection

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

# What is somebody else's today, and not the reader's; what is nobody's is everybody's.
OURS = f"""
   AND NOT EXISTS (SELECT FROM episode_worker w
                    WHERE w.episode_id = c.episode_id AND w.facility = $1 AND w.episode_id <> ALL($7::uuid[])
                      AND {here("$8")})
"""
# One statement for each state, so that each reads its own stretch of the index care_contact_worklist. What rests with
# its episode is planned and has no `next_change_on`.
DUE = {
    (source, mine): f"""
SELECT c.due_on, c.contact_id FROM care_contact c
 WHERE c.facility = $1 AND c.state = '{source.value}' AND c.next_change_on IS NOT NULL
   AND (c.due_on, c.contact_id) > ($2, $3) AND c.opens_on <= $4
   AND (cardinality($5::text[]) = 0
        OR EXISTS (SELECT FROM episode e WHERE e.episode_id = c.episode_id AND e.kind = ANY($5)))
   {OURS if mine else ""}
 ORDER BY c.due_on, c.contact_id LIMIT $6
"""
    for source in (Source.OVERDUE, Source.OPEN, Source.PLANNED)
    for mine in (False, True)
}
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


async def contacts(
    connection: Connection,
    facility: str,
    source: Source,
    after: Place | None,
    wanted: Wanted,
    duties: Collection[UUID],
    today: date,
    limit: int,
) -> list[Place]:
    """Care contacts of a facility in one state after a place, in order of what is due; none that opens later than
    soon. `duties`: the episodes that are the reader's own, where only theirs are wanted. What is sealed is not asked
    for here."""
    kinds = [kind.value for kind in wanted.kinds]
    given = [facility, *(after or BEGINNING), today + SOON, kinds, limit]
    whose = [list(duties), today] if wanted.mine else []
    rows = await connection.fetch(DUE[source, wanted.mine], *given, *whose)
    return [(row["due_on"], row["contact_id"]) for row in rows]


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
