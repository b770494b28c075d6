"""All SQL of reading a facility's feed: what may be told of the contacts that entries name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.db import Connection

NAMED = """
SELECT c.contact_id, c.episode_id, e.state = 'paused' AS paused
  FROM care_contact c JOIN episode e USING (episode_id)
 WHERE c.contact_id = ANY($1::uuid[]) AND e.consent_until >= $2
"""


@dataclass(frozen=True)
class Named:
    """A contact of an episode whose consent holds."""

    contact_id: UUID
    episode_id: UUID
    paused: bool


async def named(connection: Connection, contacts: Collection[UUID], today: date) -> dict[UUID, Named]:
    """Those of these contacts of whose episode something may be told."""
    rows = await connection.fetch(NAMED, list(contacts), today)
    return {row["contact_id"]: Named(**row) for row in rows}
