"""A department's feed as its Kafka topic has it: whenever agreements take away what it holds, it is begun anew."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from services.exchange.agreements import repository
from services.exchange.feeds.names import department_of
from shared.feed.values import Entry
from shared.kafka.deleting import delete_records
from shared.kafka.relay import Relay

log = structlog.get_logger()


class DepartmentRelay(Relay):
    """Publishes what the department may read now. First of all it deletes what it may read no more."""

    seen = 0  # the last purge that was asked for before the page was read that is being published

    async def step(self) -> None:
        """Delete the topic's records where that was asked for; then publish on, as any relay.

        Only the process that holds the topic deletes: another one might, while this one sends what it read before.
        """
        department = department_of(self.source.feed)
        async with self.service.pool.acquire() as connection:
            self.seen, done = await repository.purges(connection, department)
        if self.seen > done and (self.members is None or self.members.holds(self.topic, self.source.partition)):
            await delete_records(self.kafka, self.topic, self.source.partition)
            async with self.service.pool.acquire() as connection:
                await repository.purged(connection, department, self.seen)
            log.warning("kafka_topic_purged", topic=self.topic)
        await super().step()

    async def publish(self, epoch: UUID, entries: Sequence[Entry]) -> int:
        """Send entries. A process that woke up late, and sent what was read before a purge that others have done since,
        asks for another one."""
        offset = await super().publish(epoch, entries)
        async with self.service.pool.acquire() as connection:
            await repository.purge_again(connection, department_of(self.source.feed), self.seen)
        return offset
