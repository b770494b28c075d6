"""Subscriptions and the list of their deliveries. All SQL of the feature; another department's rows do not exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.exchange.feeds.names import department_feed
from shared.db import Connection
from shared.kafka.topics import subscription_topic

# One creator at a time in a department, so that the limit holds and two PUTs of one name make one row.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('subscription:' || $1, 0))"
NAMES = "SELECT name FROM subscription WHERE department = $1"
HEAD = "SELECT epoch, position FROM feed_head WHERE feed = $1 AND partition = 0"
CREATE = """
INSERT INTO subscription (subscription_id, department, name, kind, url, types, areas, secret, epoch, position,
                          begins_after, holds_after, since)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, recorded_at FROM feed_head
 WHERE feed = $11 AND partition = 0
"""
FOUND = """
SELECT subscription_id, department, name, kind, url, secret, types, areas, state, round,
       CASE WHEN old_secret_until > clock_timestamp() THEN old_secret END AS old_secret
  FROM subscription WHERE department = $1 AND name = $2
"""
# A disabled subscription that is given an address again is active again. A topic begins where the subscription stands.
CHANGE = """
UPDATE subscription SET url = $2, types = $3, areas = $4, secret = $5, kind = $6, quiet_until = NULL,
       begins_after = CASE WHEN kind = 'kafka' THEN begins_after ELSE position END,
       holds_after = CASE WHEN kind = 'kafka' THEN holds_after ELSE position END,
       old_secret = CASE WHEN $5::bytea IS NOT NULL THEN old_secret END,
       old_secret_until = CASE WHEN $5::bytea IS NOT NULL THEN old_secret_until END,
       state = CASE WHEN state = 'disabled' THEN 'active' ELSE state END
 WHERE subscription_id = $1
"""
LIST = """
SELECT s.name, s.kind, s.url, s.types, s.areas, s.state, s.epoch, s.position, s.quiet_until, s.created_at,
       CASE WHEN s.old_secret_until > clock_timestamp() THEN s.old_secret_until END AS old_secret_until,
       (s.secret IS NOT NULL)::int
       + (s.old_secret IS NOT NULL AND s.old_secret_until > clock_timestamp())::int AS secrets,
       count(d.*) FILTER (WHERE d.state = 'due') AS due,
       CASE WHEN s.kind = 'kafka' THEN (
         SELECT count(*) FROM parked p WHERE p.origin = $3 || s.name AND p.settled_at IS NULL)
       ELSE count(d.*) FILTER (WHERE d.state = 'parked') END AS parked
  FROM subscription s LEFT JOIN delivery d ON d.subscription_id = s.subscription_id AND d.state IN ('due', 'parked')
 WHERE s.department = $1 AND ($2::text IS NULL OR s.name = $2)
 GROUP BY s.subscription_id ORDER BY s.name
"""
DELETE = "DELETE FROM subscription /* removes */ WHERE department = $1 AND name = $2 RETURNING kind"
REPLAY = """
UPDATE subscription SET epoch = $2, position = $3, round = round + 1, begins_after = $3,
       holds_after = CASE WHEN epoch = $2 THEN least(holds_after, $3) ELSE 0 END,
       since = least(since, (SELECT recorded_at FROM feed_entry WHERE feed = 'department:' || department
                                AND partition = 0 AND position = $3 + 1))
 WHERE subscription_id = $1
"""

Row = dict[str, object]


@dataclass(frozen=True)
class Found:
    """A subscription as its handlers need it; secrets are sealed."""

    subscription_id: UUID
    department: str
    name: str
    kind: str
    url: str | None
    secret: bytes | None
    types: list[str]
    areas: list[str]
    state: str
    round: int
    old_secret: bytes | None


async def lock(connection: Connection, department: str) -> set[str]:
    """Keep other creators of the department waiting until the transaction ends; the names there are."""
    await connection.execute(LOCK, department)
    return {row["name"] for row in await connection.fetch(NAMES, department)}


async def head(connection: Connection, feed: str) -> tuple[UUID, int]:
    """Where the feed ends now. Raises LookupError for a feed nobody made."""
    row = await connection.fetchrow(HEAD, feed)
    if row is None:
        raise LookupError("a department has no feed")
    return row["epoch"], row["position"]


async def create(
    connection: Connection,
    subscription: UUID,
    department: str,
    name: str,
    kind: str,
    url: str | None,
    types: Sequence[str],
    areas: Sequence[str],
    secret: bytes | None,
    start: tuple[UUID, int],
) -> None:
    """Store a new subscription that begins after `start`."""
    values = (subscription, department, name, kind, url, list(types), list(areas), secret)
    await connection.execute(CREATE, *values, *start, department_feed(department))


async def find(connection: Connection, department: str, name: str, *, locked: bool = False) -> Found | None:
    """One subscription of a department, locked for a change on demand."""
    row = await connection.fetchrow(f"{FOUND} FOR UPDATE" if locked else FOUND, department, name)
    return None if row is None else Found(**row)


async def change(
    connection: Connection,
    subscription: UUID,
    kind: str,
    url: str | None,
    types: Sequence[str],
    areas: Sequence[str],
    secret: bytes | None,
) -> None:
    """Give a subscription another kind, address or filter; where it stands in the feed stays."""
    await connection.execute(CHANGE, subscription, url, list(types), list(areas), secret, kind)


async def listed(connection: Connection, department: str, prefix: str, name: str | None = None) -> list[Row]:
    """Subscriptions as they are shown, with counts of what is open; no secrets. `prefix`: what topics begin with."""
    beginning = subscription_topic(department, "", prefix)
    rows = [dict(row) for row in await connection.fetch(LIST, department, name, beginning)]
    return [row | {"topic": f"{beginning}{row['name']}" if row["kind"] == "kafka" else None} for row in rows]


async def delete(connection: Connection, department: str, name: str) -> str | None:
    """Remove a subscription with its deliveries; its kind, None where there is none."""
    kind: str | None = await connection.fetchval(DELETE, department, name)
    return kind


async def replay(connection: Connection, subscription: UUID, epoch: UUID, position: int) -> None:
    """Stand at an earlier place; what follows is delivered again under its ids."""
    await connection.execute(REPLAY, subscription, epoch, position)
