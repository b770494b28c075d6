"""A department's feed as its Kafka topic has it: whenever agreements take away what it holds, it is begun anew."""

import structlog

from services.exchange.agreements import repository
from services.exchange.feeds.names import department_of
from shared.kafka.deleting import delete_records
from shared.kafka.relay import Relay

log = structlog.get_logger()


class DepartmentRelay(Relay):
    """Publishes what the department may read now. First of all it deletes what it may read no more."""

    async def step(self) -> None:
        """Delete the topic's records where that was asked for; then publish on, as any relay."""
        department = department_of(self.source.feed)
        async with self.service.pool.acquire() as connection:
            asked = await repository.purge_asked(connection, department)
        if asked is not None:
            await delete_records(self.kafka, self.topic, self.source.partition)
            async with self.service.pool.acquire() as connection:
                await repository.purged(connection, department, asked)
            log.warning("kafka_topic_purged", topic=self.topic)
        await super().step()
