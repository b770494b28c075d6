"""Which subscriptions have a topic of their own, how far it is, and which topics are to be deleted. All SQL of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection, Pool

WISHES = """
SELECT s.subscription_id, s.department, s.name, s.types, s.areas, s.state, s.round, s.epoch, s.begins_after,
       s.holds_after, CASE WHEN p.asked > s.purged THEN p.asked END AS purge
  FROM subscription s LEFT JOIN feed_purge p USING (department)
 WHERE s.kind = 'kafka' AND
"""
WANTED = f"{WISHES} s.department = ANY($1)"
WISH = f"{WISHES} s.subscription_id = $1"
# Of an epoch that is new the topic has everything: places of the old one say nothing of it.
REACHED = """
UPDATE subscription SET epoch = $3, position = $4,
       begins_after = CASE WHEN epoch = $3 THEN begins_after ELSE 0 END,
       holds_after = CASE WHEN epoch = $3 THEN holds_after ELSE 0 END
 WHERE subscription_id = $1 AND round = $2 AND kind = 'kafka'
"""
STANDS = "SELECT EXISTS (SELECT FROM subscription WHERE subscription_id = $1 AND kind = 'kafka')"
PURGED = "UPDATE subscription SET purged = greatest(purged, $2) WHERE subscription_id = $1"
# Abandoned once more, it is deleted once more: whoever deletes it now may be done before this commits.
ABANDON = """
INSERT INTO abandoned_topic (topic) VALUES ($1)
ON CONFLICT (topic) DO UPDATE SET abandoned_at = excluded.abandoned_at
"""
ABANDONED = "SELECT topic, abandoned_at FROM abandoned_topic ORDER BY abandoned_at LIMIT 100"
DELETED = "DELETE FROM abandoned_topic /* removes */ WHERE topic = $1 AND abandoned_at = $2"


@dataclass(frozen=True)
class TopicWish:
    """What a subscription wants in its topic. `purge`: the number of a purge of the department's that it has not had.

    In `epoch`: this round begins after `begins_after`, and a topic without records after `holds_after`.
    """

    subscription_id: UUID
    department: str
    name: str
    types: list[str]
    areas: list[str]
    state: str
    round: int
    epoch: UUID
    begins_after: int
    holds_after: int
    purge: int | None

    @property
    def mark(self) -> bytes:
        """What the records of this round bear: a replay is a new round, and so is a subscription made anew."""
        return f"{self.subscription_id}/{self.round}".encode()


async def wanted(pool: Pool, departments: Sequence[str]) -> list[TopicWish]:
    """The subscriptions of these departments that have a topic, paused ones too: their topics are purged as well."""
    return [TopicWish(**row) for row in await pool.fetch(WANTED, list(departments))]


async def wish_of(pool: Pool, subscription: UUID) -> TopicWish | None:
    """What a subscription wants now; None where it is no more."""
    row = await pool.fetchrow(WISH, subscription)
    return None if row is None else TopicWish(**row)


async def reached(connection: Connection, wish: TopicWish, epoch: UUID, position: int) -> bool:
    """Note how far a topic is; False where its subscription is no more."""
    await connection.execute(REACHED, wish.subscription_id, wish.round, epoch, position)
    stands: bool = await connection.fetchval(STANDS, wish.subscription_id)
    return stands


async def purged(connection: Connection, subscription: UUID, number: int) -> None:
    """Everything that was asked for up to that number is done for this topic."""
    await connection.execute(PURGED, subscription, number)


async def abandon(connection: Connection, topic: str) -> None:
    """Let the worker delete a topic with its records."""
    await connection.execute(ABANDON, topic)


async def abandoned(pool: Pool) -> dict[str, datetime]:
    """The topics to delete, and since when."""
    return {row["topic"]: row["abandoned_at"] for row in await pool.fetch(ABANDONED)}


async def deleted(pool: Pool, topic: str, since: datetime) -> None:
    """It was deleted; where it was abandoned again meanwhile, it is deleted again."""
    await pool.execute(DELETED, topic, since)
