"""A subscription's topic: each record says what lies between it and the one before, so a hole shows in the topic.

What the end of a topic lacks its relay sees by the last record, and publishes again within seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from services.exchange.topics import repository
from services.exchange.topics.records import AFTER
from shared.kafka.feed_records import cursor_of
from shared.kafka.values import Record
from shared.reconciliation import repository as own
from shared.reconciliation.ranges import NAMED, Lost, absent
from shared.reconciliation.topics import FeedTopic, Read


@dataclass
class SubscriptionTopic(FeedTopic):
    """The topic of one subscription; `subscription` is its id."""

    subscription: UUID | None = None

    async def lost(self) -> Lost:
        """Positions that no record has passed, from where the topic begins to its last record. Nothing while it is
        paused, is about to be begun anew, or in another epoch than its feed."""
        wish = None if self.subscription is None else await repository.wish_of(self.pool, self.subscription)
        async with self.pool.acquire() as connection:
            epoch, _ = await own.head(connection, self.feed)
        if wish is None or wish.state != "active" or wish.purge is not None or wish.epoch != epoch:
            return Lost([], 0)
        read = await self.read(wish.epoch)
        return Lost(list(islice(absent(read.stands, wish.holds_after + 1, read.reached), NAMED)), read.reached)

    async def take(self, read: Read, records: Sequence[Record], epoch: UUID) -> None:
        """Note what each record stands for; trial records stand for nothing."""
        for each in records:
            at, after = cursor_of(each), each.header(AFTER)
            if at is not None and at.epoch == epoch and after is not None and after.isdigit():
                for position in range(int(after) + 1, at.position + 1):
                    read.note(position)
