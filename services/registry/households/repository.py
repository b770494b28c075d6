"""Reading a household. All SQL of the feature."""

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


async def number_of(connection: Connection, household: UUID) -> str | None:
    """The number of a household."""
    found: str | None = await connection.fetchval(NUMBER, household)
    return found


async def members(connection: Connection, number: str, on: date) -> list[asyncpg.Record]:
    """Who was registered in a household on a day."""
    return await connection.fetch(MEMBERS, number, on)
