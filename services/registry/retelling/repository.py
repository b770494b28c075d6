"""What is to be told once more, and to whom it matters. All SQL of the feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from shared.db import Connection

ASK = """
INSERT INTO retelling (agreement, department, everyone, begins, behind, again) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (agreement) DO UPDATE
   SET everyone = excluded.everyone, begins = excluded.begins, behind = excluded.behind, up_to = NULL,
       again = retelling.again OR excluded.again
"""
DUE = """
SELECT agreement, department, everyone, behind, again, up_to FROM retelling
 WHERE begins <= $1 ORDER BY agreement LIMIT 1
"""
BEGIN = """
UPDATE retelling SET up_to = coalesce((SELECT person_id FROM person ORDER BY person_id DESC LIMIT 1), behind)
 WHERE agreement = $1 RETURNING up_to
"""

# People are gone through in the order of their ids, so that a page costs the same however few of them matter. A case
# too many does no harm: the exchange knows which ones stand.
PEOPLE = """
SELECT p.person_id, p.state, p.merged_into IS NULL AS lives,
       EXISTS (SELECT 1 FROM fact f JOIN vital_event e USING (receipt)
                WHERE f.person_id = p.person_id AND e.department = $2)
       OR EXISTS (SELECT 1 FROM called_case c WHERE (c.person_id, c.department) = (p.person_id, $2)) AS case_held
  FROM (SELECT person_id, state, merged_into FROM person
         WHERE person_id > $1 AND person_id <= $4 ORDER BY person_id LIMIT $3) p
 ORDER BY p.person_id
"""
GO_ON = "UPDATE retelling SET behind = $2 WHERE agreement = $1"
DONE = "DELETE FROM retelling /* removes */ WHERE agreement = $1"
BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True)
class Asked:
    """What is to be told once more: an agreement's people, behind one of them, up to another (None: not begun yet).
    `again`: all of it, for what was read meanwhile was cut; else what they were not told yet."""

    agreement: str
    department: str
    everyone: bool
    behind: UUID
    again: bool
    up_to: UUID | None


async def ask(
    connection: Connection, agreement: str, department: str, begins: date, *, everyone: bool, again: bool
) -> None:
    """Tell an agreement's people once more, from the beginning."""
    await connection.execute(ASK, agreement, department, everyone, begins, BEFORE_ALL, again)


async def due(connection: Connection, today: date) -> Asked | None:
    """What is to be told next; None where nothing is."""
    row = await connection.fetchrow(DUE, today)
    return None if row is None else Asked(*row)


async def begin(connection: Connection, asked: Asked) -> UUID:
    """Whoever there is by now is told once more; gives the last of them by id."""
    found: UUID = await connection.fetchval(BEGIN, asked.agreement)
    return found


async def people(connection: Connection, asked: Asked, up_to: UUID, limit: int) -> Sequence[asyncpg.Record]:
    """The next people by id, and whether the department ever had a case on them."""
    return await connection.fetch(PEOPLE, asked.behind, asked.department, limit, up_to)


async def go_on(connection: Connection, asked: Asked, last: UUID | None) -> None:
    """Everyone up to `last` is told; None: everybody is."""
    if last is None:
        await connection.execute(DONE, asked.agreement)
    else:
        await connection.execute(GO_ON, asked.agreement, last)
