"""All SQL of reading a facility's feed: what may be told of the contacts and episodes that entries name.

Only the facility that has the duty of care is told of a contact; a former one not even what it was told before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.db import Connection

NAMED = """
SELECT c.contact_id AS about, c.episode_id, e.state = 'paused' AS paused, NULL::date AS ends_on
  FROM care_contact c JOIN episode e USING (episode_id)
 WHERE c.contact_id = ANY($1::uuid[]) AND e.consent_until >= $2 AND $3 = 'facility:' || c.facility
UNION ALL
SELECT e.episode_id, e.episode_id, e.state = 'paused', e.consent_until
  FROM episode e
 WHERE e.episode_id = ANY($1::uuid[]) AND e.consent_until >= $2 AND $3 = 'facility:' || e.facility
   AND e.state <> 'ended'
"""


@dataclass(frozen=True)
class Named:
    """A contact, or an episode itself that is not over, of which the facility has the duty, while the consent holds.
    `ends_on`: of an episode, the last day of that consent."""

    about: UUID
    episode_id: UUID
    paused: bool
    ends_on: date | None


async def named(connection: Connection, about: Collection[UUID], today: date, feed: str) -> dict[UUID, Named]:
    """Those of these contacts and episodes of which something may be told in this facility's feed."""
    rows = await connection.fetch(NAMED, list(about), today, feed)
    return {row["about"]: Named(**row) for row in rows}
