"""Reading a household. All SQL of the feature."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from shared.db import Connection

NUMBER = "SELECT number FROM household WHERE household_id = $1"

# Residents by the derived residencies; the department's own people only.
MEMBERS = """
SELECT r.person_id, r.relation, r.household_kind, r.area, r.since FROM residency r
 WHERE r.household_number = $1 AND r.since <= $2 AND (r.until IS NULL OR r.until > $2)
 ORDER BY r.since, r.person_id
"""


NOTE = """
INSERT INTO household_named (household_number, person_id) SELECT * FROM unnest($1::text[], $2::uuid[])
ON CONFLICT DO NOTHING
"""

# Whoever was ever entered there, and whoever their facts were linked to later; `root_id`: who that is now.
EVER = """
WITH RECURSIVE line(person_id) AS (
  SELECT person_id FROM household_named WHERE household_number = $1
  UNION SELECT r.to_person FROM line JOIN relink r ON r.from_person = line.person_id)
SELECT p.person_id, coalesce(p.merged_into, p.person_id) AS root_id FROM line JOIN person p USING (person_id)
 ORDER BY p.person_id
"""


async def note(connection: Connection, rows: Sequence[tuple[str, UUID]]) -> None:
    """These people are named in these households."""
    await connection.execute(NOTE, [number for number, _ in rows], [person for _, person in rows])


async def ever(connection: Connection, number: str) -> dict[UUID, UUID]:
    """Everyone who may ever have been known as a member, with who that is now."""
    return {row["person_id"]: row["root_id"] for row in await connection.fetch(EVER, number)}


async def number_of(connection: Connection, household: UUID) -> str | None:
    """The number of a household."""
    found: str | None = await connection.fetchval(NUMBER, household)
    return found


async def members(connection: Connection, number: str, on: date) -> list[asyncpg.Record]:
    """Who was registered in a household on a day."""
    return await connection.fetch(MEMBERS, number, on)
