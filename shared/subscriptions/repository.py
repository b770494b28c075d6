"""What an owner does with subscriptions, and the list of their deliveries. SQL that is the same in every service."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.db import Connection
from shared.deliveries.repository import Store

SET_STATE = """
UPDATE {subscription} SET state = $3, quiet_until = NULL WHERE {owner} = $1 AND name = $2
   AND ($3 = 'active' OR state = 'active') RETURNING true
"""
ROTATE = """
UPDATE {subscription} SET old_secret = secret, old_secret_until = clock_timestamp() + $2::interval, secret = $3
 WHERE subscription_id = $1 RETURNING old_secret_until
"""
RETRY = """
UPDATE {delivery} SET state = 'due', tries = 0, next_at = clock_timestamp(), settled_at = NULL
 WHERE subscription_id = $1 AND state = 'parked'
"""
DELIVERIES = """
SELECT delivery_id AS delivery, entry_id AS entry, epoch, position, type, state, settled_at,
       CASE WHEN state = 'due' THEN next_at END AS next_at
  FROM {delivery}
 WHERE subscription_id = $1 AND ($2::uuid IS NULL OR delivery_id > $2) AND ($3::text IS NULL OR state = $3)
 ORDER BY delivery_id LIMIT $4
"""
ATTEMPTS = """
SELECT a.* FROM unnest($1::uuid[]) AS wanted(delivery_id) CROSS JOIN LATERAL (
  SELECT delivery_id, attempt, began_at, ended_at, outcome, status, next_at FROM {attempt}
   WHERE delivery_id = wanted.delivery_id ORDER BY attempt DESC LIMIT 20) a
 ORDER BY a.delivery_id, a.attempt
"""

Row = dict[str, object]


async def set_state(connection: Connection, store: Store, owner: str, name: str, state: str) -> bool:
    """Pause an active one, or make any active; a disabled one is not paused. False where nothing changed."""
    return bool(await connection.fetchval(store.said(SET_STATE), owner, name, state))


async def rotate(connection: Connection, store: Store, subscription: UUID, grace: timedelta, secret: bytes) -> datetime:
    """Sign with a new secret; the old one signs too until the time that is returned."""
    until: datetime = await connection.fetchval(store.said(ROTATE), subscription, grace, secret)
    return until


async def retry_parked(connection: Connection, store: Store, subscription: UUID) -> int:
    """Make all parked deliveries due again, from the start of the retry table."""
    return int((await connection.execute(store.said(RETRY), subscription)).rpartition(" ")[2])


async def deliveries(
    connection: Connection, store: Store, subscription: UUID, after: UUID | None, state: str | None, limit: int
) -> list[Row]:
    """Deliveries with their newest attempts, in the order they were planned, after a keyset cursor."""
    rows = await connection.fetch(store.said(DELIVERIES), subscription, after, state, limit)
    found = [dict(row) for row in rows]
    attempts: dict[object, list[Row]] = {row["delivery"]: [] for row in found}
    for row in await connection.fetch(store.said(ATTEMPTS), list(attempts)):
        attempts[row["delivery_id"]].append(dict(row))
    return [row | {"attempts": attempts[row["delivery"]]} for row in found]
