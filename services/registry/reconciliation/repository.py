"""What the registry says of itself to the reconcilers: all their SQL."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.db import Connection
from shared.reconciliation import repository as own

# All in one statement, one snapshot: what stands before the cursors and the head is in the rows.
STANDING = """
SELECT (SELECT coalesce(jsonb_object_agg(partition::text, jsonb_build_array(epoch, position)), '{}')
          FROM feed_cursor WHERE feed = 'vital-events') AS followed,
       (SELECT jsonb_build_array(epoch, position) FROM feed_cursor WHERE feed = 'sharing' AND partition = 0) AS sharing,
       h.epoch, h.position,
       (SELECT coalesce(jsonb_object_agg(e.receipt, jsonb_build_array('applied',
                 (SELECT coalesce(jsonb_agg(f.role), '[]') FROM fact f WHERE f.receipt = e.receipt))), '{}')
          FROM vital_event e WHERE e.receipt = ANY($1::uuid[])) AS applied,
       (SELECT coalesce(jsonb_object_agg(receipt, jsonb_build_array(
                 CASE WHEN rejected_at IS NULL THEN 'held' ELSE 'rejected' END, '[]'::jsonb)), '{}')
          FROM held_event WHERE receipt = ANY($1::uuid[])) AS held,
       (SELECT coalesce(jsonb_object_agg(entry_id, jsonb_build_array('parked', '[]'::jsonb)), '{}')
          FROM parked WHERE origin = 'vital-events' AND settled_at IS NULL AND entry_id = ANY($1::uuid[])) AS parked
  FROM feed_head h WHERE h.feed = 'changes' AND h.partition = 0
"""

FIRST_RECEIPTS = """
SELECT DISTINCT ON (person_id) person_id, receipt FROM fact WHERE person_id = ANY($1::uuid[])
 ORDER BY person_id, receipt
"""


AGREEMENTS = "SELECT identifier, status, document FROM agreement_told ORDER BY identifier"

HEAD = "SELECT epoch, position FROM feed_head WHERE feed = 'changes' AND partition = 0"


async def standing(connection: Connection, receipts: Sequence[UUID]) -> asyncpg.Record | None:
    """How far the registry is, and what it knows of these receipts; None while it has no feed to tell it."""
    return await connection.fetchrow(STANDING, list(receipts))


async def first_receipts(connection: Connection, people: Sequence[UUID]) -> dict[UUID, UUID]:
    """A receipt by which a person can be named to people who look into a finding: root ids stay inside."""
    return {row["person_id"]: row["receipt"] for row in await connection.fetch(FIRST_RECEIPTS, list(people))}


async def head(connection: Connection) -> asyncpg.Record | None:
    """Epoch and newest position of `changes`; None while there is no such feed."""
    return await connection.fetchrow(HEAD)


async def followed(connection: Connection, feed: str) -> tuple[UUID | None, int]:
    """How far a feed of one partition is followed."""
    return await own.cursor(connection, feed)


async def agreements(connection: Connection) -> list[asyncpg.Record]:
    """Every agreement as it was told last."""
    return await connection.fetch(AGREEMENTS)
