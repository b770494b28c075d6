"""Deliveries: planned from the feed, claimed by one worker at a time, settled once. All SQL of the feature.

Times are the database's, so that workers on several machines agree. Each service has these tables under names of its
own; the statements are put together once, where it names them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.db import Connection, Pool, transaction

# All subscriptions that want webhooks, and whether there is anything to do: one statement a second for all of them.
WANTED = """
SELECT s.subscription_id,
       (s.epoch, s.position) IS DISTINCT FROM (h.epoch, h.position) OR EXISTS (
         SELECT FROM {delivery} d
          WHERE d.subscription_id = s.subscription_id AND d.state = 'due' AND d.tries = 0) AS first,
       EXISTS (
         SELECT FROM {delivery} d
          WHERE d.subscription_id = s.subscription_id AND d.state = 'due' AND d.tries > 0
            AND d.next_at <= clock_timestamp()) AS again
  FROM {subscription} s JOIN feed_head h ON h.feed = '{feed}' || s.{owner} AND h.partition = 0
 WHERE s.state = 'active' AND s.url IS NOT NULL AND (s.quiet_until IS NULL OR s.quiet_until <= clock_timestamp())
"""

# One worker delivers a subscription: order within it, and no message twice. A worker that died loses it by time.
HOLD = """
UPDATE {subscription} SET lease = $2, lease_until = clock_timestamp() + $3::interval
 WHERE subscription_id = $1 AND state = 'active' AND url IS NOT NULL
   AND (lease IS NULL OR lease = $2 OR lease_until < clock_timestamp())
RETURNING true
"""
# What is claimed and not settled is given back with the lease: the next worker need not wait until its time is over.
RELEASE = """
WITH let_go AS (
  UPDATE {subscription} SET lease = NULL, lease_until = NULL WHERE subscription_id = $1 AND lease = $2
  RETURNING subscription_id)
UPDATE {delivery} d SET next_at = clock_timestamp() FROM let_go, {attempt} a
 WHERE d.subscription_id = let_go.subscription_id AND d.state = 'due' AND d.tries > 0
   AND a.delivery_id = d.delivery_id AND a.attempt = d.attempt AND a.ended_at IS NULL
"""

# No further page before the last one has been tried: however long the feed, few rows wait for a first try.
STANDING = """
SELECT {owner} AS owner, {filters}, epoch, position, round,
       EXISTS (SELECT FROM {delivery} d WHERE d.subscription_id = s.subscription_id AND d.state = 'due' AND d.tries = 0)
       AS waiting
  FROM {subscription} s
 WHERE subscription_id = $1 AND lease = $2 AND lease_until > clock_timestamp() AND state = 'active'
   FOR UPDATE
"""

# A known entry is not delivered again when the feed was reset, only when a replay asked for it, or when it was
# withheld and may be read again. That raises `attempt`, too: a try that is under way no longer speaks for it.
PLAN = """
INSERT INTO {delivery} AS d (subscription_id, entry_id, epoch, position, type, told_at, round)
SELECT $1, new.entry_id, $2, new.position, new.type, new.told_at, $3
  FROM unnest($4::uuid[], $5::bigint[], $6::text[], $7::timestamptz[]) AS new(entry_id, position, type, told_at)
 WHERE new.told_at >= (SELECT since FROM {subscription} WHERE subscription_id = $1)
    OR EXISTS (SELECT FROM {delivery} known WHERE known.subscription_id = $1 AND known.entry_id = new.entry_id)
 ORDER BY new.position
ON CONFLICT (subscription_id, entry_id) DO UPDATE
   SET epoch = excluded.epoch, position = excluded.position, round = excluded.round,
       state = CASE WHEN d.round < excluded.round OR d.state = 'withheld' THEN 'due' ELSE d.state END,
       attempt = CASE WHEN d.round < excluded.round OR d.state = 'withheld' THEN d.attempt + 1 ELSE d.attempt END,
       tries = CASE WHEN d.round < excluded.round OR d.state = 'withheld' THEN 0 ELSE d.tries END,
       next_at = CASE WHEN d.round < excluded.round OR d.state = 'withheld' THEN excluded.next_at ELSE d.next_at END
"""
MOVE = "UPDATE {subscription} SET epoch = $2, position = $3 WHERE subscription_id = $1"

# The fence: raising `attempt` is the claim. A worker that lost its lease claims nothing; two claims never take one row.
CLAIM = """
WITH due AS (
  SELECT d.delivery_id, s.{owner} AS owner, s.name, s.url, s.secret,
         CASE WHEN s.old_secret_until > clock_timestamp() THEN s.old_secret END AS old_secret
    FROM {delivery} d JOIN {subscription} s USING (subscription_id)
   WHERE d.subscription_id = $1 AND s.lease = $2 AND s.lease_until > clock_timestamp() AND s.state = 'active'
     AND (s.quiet_until IS NULL OR s.quiet_until <= clock_timestamp())
     AND d.state = 'due' AND d.next_at <= clock_timestamp() AND {{which}} LIMIT 1 FOR UPDATE OF d SKIP LOCKED),
claimed AS (
  UPDATE {delivery} d SET attempt = d.attempt + 1, tries = d.tries + 1, next_at = clock_timestamp() + $3::interval
    FROM due WHERE d.delivery_id = due.delivery_id
  RETURNING d.delivery_id, d.entry_id, d.epoch, d.position, d.type, d.told_at, d.attempt, d.tries,
            due.owner, due.name, due.url, due.secret, due.old_secret),
noted AS (
  INSERT INTO {attempt} (delivery_id, attempt, began_at)
  SELECT delivery_id, attempt, clock_timestamp() FROM claimed)
SELECT * FROM claimed
"""
FIRST, AGAIN = "d.tries = 0 ORDER BY d.position", "d.tries > 0 ORDER BY d.next_at"

SETTLE = """
UPDATE {delivery} SET state = $3::text, next_at = clock_timestamp() + $4::interval,
       settled_at = CASE WHEN $3::text <> 'due' THEN clock_timestamp() END
 WHERE delivery_id = $1 AND attempt = $2 AND state = 'due'
RETURNING next_at
"""
NOTE = """
UPDATE {attempt} SET ended_at = clock_timestamp(), outcome = $3, status = $4, next_at = $5
 WHERE delivery_id = $1 AND attempt = $2
"""
QUIET = "UPDATE {subscription} SET quiet_until = clock_timestamp() + $2::interval WHERE subscription_id = $1"
DISABLE = "UPDATE {subscription} SET state = 'disabled' WHERE subscription_id = $1 AND state = 'active' AND url = $2"

# In the order of planning: a subscription is locked before its deliveries.
LOCK_ALL = "SELECT FROM {subscription} ORDER BY subscription_id FOR UPDATE"
FORGET = """
WITH forgotten AS (
  DELETE FROM {delivery} /* removes */ WHERE delivery_id IN (
    SELECT delivery_id FROM {delivery}
     WHERE state IN ('delivered', 'withheld') AND settled_at < clock_timestamp() - $1::interval LIMIT 5000)
  RETURNING subscription_id, told_at),
latest AS (SELECT subscription_id, max(told_at) AS told_at FROM forgotten GROUP BY subscription_id)
UPDATE {subscription} s SET since = greatest(s.since, latest.told_at + interval '1 microsecond')
  FROM latest WHERE s.subscription_id = latest.subscription_id
"""


@dataclass(frozen=True)
class Standing:
    """A subscription as its planner finds it; `filters` are the columns that say what it wants. `waiting`: planned
    deliveries have not all been tried once."""

    owner: str
    filters: Mapping[str, list[str]]
    epoch: UUID
    position: int
    round: int
    waiting: bool


@dataclass(frozen=True)
class Planned:
    """An entry to deliver."""

    entry_id: UUID
    position: int
    type: str
    told_at: datetime


@dataclass(frozen=True)
class Claimed:
    """A delivery this worker alone may try now; `attempt` proves it when settling. Secrets are still sealed."""

    delivery_id: UUID
    entry_id: UUID
    epoch: UUID
    position: int
    type: str
    told_at: datetime
    attempt: int
    tries: int
    owner: str
    name: str
    url: str
    secret: bytes
    old_secret: bytes | None

    @property
    def origin(self) -> str:
        """Where a parked delivery comes from, in the list of what is parked."""
        return origin_of(self.owner, self.name)


def origin_of(owner: str, name: str) -> str:
    """The origin of a subscription's parked deliveries."""
    return f"subscription:{owner}/{name}"


class Store:
    """The deliveries of one service.

    `subscription`, `delivery` and `attempt` name its tables, `owner` the column that says whose a subscription is,
    `feed` what stands before that in the name of its feed, `filters` the columns (lists of text) that say what is
    wanted.
    """

    def __init__(
        self, *, subscription: str, delivery: str, attempt: str, owner: str, feed: str, filters: Sequence[str]
    ) -> None:
        self.filters = tuple(filters)
        names = {"subscription": subscription, "delivery": delivery, "attempt": attempt, "owner": owner, "feed": feed}
        self.names = names | {"filters": ", ".join(filters)}
        self._wanted, self._hold, self._release = map(self.said, (WANTED, HOLD, RELEASE))
        self._standing, self._plan, self._move = map(self.said, (STANDING, PLAN, MOVE))
        self._first, self._again = (self.said(CLAIM).format(which=which) for which in (FIRST, AGAIN))
        self._settle, self._note, self._quiet = map(self.said, (SETTLE, NOTE, QUIET))
        self._disable, self._lock_all, self._forget = map(self.said, (DISABLE, LOCK_ALL, FORGET))

    def said(self, statement: str) -> str:
        """A statement with this service's names in it."""
        return statement.format(**self.names)

    async def wanted(self, pool: Pool) -> dict[UUID, tuple[bool, bool]]:
        """The subscriptions that want webhooks now: whether something waits for a first try, and for another one."""
        return {row["subscription_id"]: (row["first"], row["again"]) for row in await pool.fetch(self._wanted)}

    async def hold(self, pool: Pool, subscription: UUID, worker: UUID, lease: timedelta) -> bool:
        """Take the lease or keep it; False where it is another's, or nothing is wanted."""
        return bool(await pool.fetchval(self._hold, subscription, worker, lease))

    async def release(self, pool: Pool, subscription: UUID, worker: UUID) -> None:
        """Let another worker take over at once, unfinished tries too; called when no lane is running any more."""
        await pool.execute(self._release, subscription, worker)

    async def standing(self, connection: Connection, subscription: UUID, worker: UUID) -> Standing | None:
        """Lock the subscription for planning; None where this worker does not hold it any more."""
        row = await connection.fetchrow(self._standing, subscription, worker)
        if row is None:
            return None
        found = dict(row)
        return Standing(filters={name: found.pop(name) for name in self.filters}, **found)

    async def plan(
        self,
        connection: Connection,
        subscription: UUID,
        epoch: UUID,
        round_: int,
        reached: int,
        entries: Sequence[Planned],
    ) -> None:
        """Store what is to be delivered and how far the feed has been read, in the caller's transaction."""
        await connection.execute(
            self._plan,
            subscription,
            epoch,
            round_,
            [entry.entry_id for entry in entries],
            [entry.position for entry in entries],
            [entry.type for entry in entries],
            [entry.told_at for entry in entries],
        )
        await connection.execute(self._move, subscription, epoch, reached)

    async def claim(
        self, pool: Pool, subscription: UUID, worker: UUID, patience: timedelta, *, again: bool
    ) -> Claimed | None:
        """Claim the next delivery: the first tries in order of position, or whatever is to be tried again.

        A claim that is not settled within `patience` may be claimed by anybody: its worker is taken for dead.
        """
        row = await pool.fetchrow(self._again if again else self._first, subscription, worker, patience)
        return None if row is None else Claimed(**row)

    async def settle(
        self,
        connection: Connection,
        claimed: Claimed,
        state: str,
        delay: timedelta,
        outcome: str,
        status: int | None,
    ) -> bool:
        """Store what came of a claim; False where it was no longer ours: another one counts, and only the try is
        noted."""
        next_at = await connection.fetchval(self._settle, claimed.delivery_id, claimed.attempt, state, delay)
        told = next_at if state == "due" else None
        await connection.execute(self._note, claimed.delivery_id, claimed.attempt, outcome, status, told)
        return next_at is not None

    async def keep_quiet(self, connection: Connection, subscription: UUID, wait: timedelta) -> None:
        """Send the subscription nothing for a while."""
        await connection.execute(self._quiet, subscription, wait)

    async def disable(self, connection: Connection, subscription: UUID, url: str) -> None:
        """The receiver is gone: nothing more is sent there until its owner says so; an address changed since stays."""
        await connection.execute(self._disable, subscription, url)

    async def forget(self, pool: Pool, older: timedelta) -> None:
        """Delete old successful deliveries, a bounded number; the entries themselves stay in the feed. Should that
        begin anew, they are not delivered again."""
        async with transaction(pool) as connection:
            await connection.execute(self._lock_all)
            await connection.execute(self._forget, older)
