"""Facilities' webhooks. The SQL that is not the same in every service; another facility's rows do not exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection

# One creator at a time at a facility, so that the limit holds and two PUTs of one name make one row.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('webhooks of ' || $1, 0))"
NAMES = "SELECT name FROM care_webhook WHERE facility = $1"
CREATE = """
INSERT INTO care_webhook (subscription_id, facility, name, url, kinds, secret, epoch, position, since)
SELECT $1, $2, $3, $4, $5, $6, epoch, position, recorded_at FROM feed_head WHERE feed = $7 AND partition = 0
"""
FOUND = """
SELECT subscription_id, name, url, secret, kinds, state,
       CASE WHEN old_secret_until > clock_timestamp() THEN old_secret END AS old_secret,
       CASE WHEN old_secret_until > clock_timestamp() THEN old_secret_until END AS old_secret_until
  FROM care_webhook WHERE facility = $1 AND name = $2
"""
# One that the receiver ended is active again when it is given an address again.
CHANGE = """
UPDATE care_webhook SET url = $2, kinds = $3, quiet_until = NULL,
       state = CASE WHEN state = 'disabled' THEN 'active' ELSE state END
 WHERE subscription_id = $1
"""
LIST = """
SELECT w.name, w.url, w.kinds, w.state, w.epoch, w.position, w.quiet_until, w.created_at,
       CASE WHEN w.old_secret_until > clock_timestamp() THEN w.old_secret_until END AS old_secret_until,
       count(d.*) FILTER (WHERE d.state = 'due') AS due, count(d.*) FILTER (WHERE d.state = 'parked') AS parked
  FROM care_webhook w
  LEFT JOIN care_delivery d ON d.subscription_id = w.subscription_id AND d.state IN ('due', 'parked')
 WHERE w.facility = $1 AND ($2::text IS NULL OR w.name = $2)
 GROUP BY w.subscription_id ORDER BY w.name
"""
DELETE = "DELETE FROM care_webhook /* removes */ WHERE facility = $1 AND name = $2 RETURNING true"
REPLAY = """
UPDATE care_webhook SET epoch = $2, position = $3::bigint, round = round + 1,
       since = least(since, (
         SELECT recorded_at FROM feed_entry WHERE feed = $4 AND partition = 0 AND position = $3::bigint + 1))
 WHERE subscription_id = $1
"""
# Subscriptions first, as whoever plans and forgets takes them.
LOCK_OF = "SELECT FROM care_webhook WHERE facility = ANY($1::text[]) ORDER BY subscription_id FOR UPDATE"
FORGET = """
DELETE FROM care_delivery d /* removes */
 USING care_webhook w, unnest($1::uuid[], $2::uuid[], $3::text[]) AS gone (lowest, highest, facility)
 WHERE w.facility = gone.facility AND d.subscription_id = w.subscription_id
   AND d.entry_id BETWEEN gone.lowest AND gone.highest
"""

Row = dict[str, object]


@dataclass(frozen=True)
class Found:
    """A webhook as its handlers need it; secrets are sealed."""

    subscription_id: UUID
    name: str
    url: str
    secret: bytes
    kinds: list[str]
    state: str
    old_secret: bytes | None
    old_secret_until: datetime | None


async def lock(connection: Connection, facility: str) -> set[str]:
    """Keep other creators at the facility waiting until the transaction ends; the names there are."""
    await connection.execute(LOCK, facility)
    return {row["name"] for row in await connection.fetch(NAMES, facility)}


async def create(
    connection: Connection,
    webhook: UUID,
    facility: str,
    name: str,
    url: str,
    kinds: Sequence[str],
    secret: bytes,
    feed: str,
) -> None:
    """Store a new webhook that begins at the end of the feed."""
    await connection.execute(CREATE, webhook, facility, name, url, list(kinds), secret, feed)


async def find(connection: Connection, facility: str, name: str, *, locked: bool = False) -> Found | None:
    """One webhook of a facility, locked for a change on demand."""
    row = await connection.fetchrow(f"{FOUND} FOR UPDATE" if locked else FOUND, facility, name)
    return None if row is None else Found(**row)


async def change(connection: Connection, webhook: UUID, url: str, kinds: Sequence[str]) -> None:
    """Give a webhook another address or filter; where it stands in the feed stays."""
    await connection.execute(CHANGE, webhook, url, list(kinds))


async def listed(connection: Connection, facility: str, name: str | None = None) -> list[Row]:
    """Webhooks as they are shown, with counts of what is open; no secrets."""
    return [dict(row) for row in await connection.fetch(LIST, facility, name)]


async def delete(connection: Connection, facility: str, name: str) -> bool:
    """Remove a webhook with its deliveries; False where there is none."""
    return bool(await connection.fetchval(DELETE, facility, name))


async def replay(connection: Connection, webhook: UUID, epoch: UUID, position: int, feed: str) -> None:
    """Stand at an earlier place; what follows is delivered again under its ids."""
    await connection.execute(REPLAY, webhook, epoch, position, feed)


async def forget(connection: Connection, ranges: Sequence[tuple[UUID, UUID, str]]) -> None:
    """Remove deliveries of entries whose ids lie in these ranges, each at its facility."""
    if ranges:
        await connection.execute(LOCK_OF, sorted({facility for _, _, facility in ranges}))
        await connection.execute(FORGET, *map(list, zip(*ranges, strict=True)))
