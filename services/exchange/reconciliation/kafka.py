"""A department's topic beside its feed: every position up to the last one published stands in some record."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.exchange.feeds.names import department_feed
from services.exchange.reconciliation.running import repository
from shared.app import Service
from shared.kafka.consumer import TopicReader
from shared.kafka.errors import Unreachable
from shared.kafka.feed_records import cursor_of
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import feed_topic, last_record
from shared.reconciliation.kinds import RECORD_LOST, Finding
from shared.reconciliation.running import Check, InFlight, Step
from shared.sharing.departments import Departments

AGAIN_SECONDS: Final = 10.0  # a relay that publishes a topic anew is given so much time between two looks
SILENCE_SECONDS: Final = 10.0  # a topic that says nothing for so long is looked at in the next round
NAMED: Final = 100


@dataclass(frozen=True)
class Topics:
    """The feed topics of the departments that read theirs there."""

    service: Service
    kafka: KafkaSettings
    departments: Sequence[str]
    again: float = AGAIN_SECONDS

    def check(self) -> Check:
        """As a check of the exchange's reconciler."""
        return Check("topics", (RECORD_LOST,), self.look)

    async def look(self, place: str) -> AsyncIterator[Step]:
        """One topic a step. What is missing counts when it is missing twice: a topic may be on its way."""
        for department in sorted(self.departments):
            topic = feed_topic(department, self.service.settings.kafka_topics)
            if topic > place:
                async with self.service.pool.acquire() as connection:
                    epoch, _ = await repository.head(connection, department_feed(department))
                lost = await self.lost(topic, epoch)
                if lost:
                    await asyncio.sleep(self.again)
                    lost &= await self.lost(topic, epoch)
                named = [Finding(RECORD_LOST, f"{topic}: {position}") for position in sorted(lost)[:NAMED]]
                yield Step(topic, named)

    async def lost(self, topic: str, epoch: UUID | None) -> set[int]:
        """Raises InFlight where the broker does not answer."""
        try:
            return await lost_positions(self.kafka, topic, epoch)
        except Unreachable:
            raise InFlight from None


def topics_of(service: Service, kafka: KafkaSettings | None) -> list[Check]:
    """The check of the departments' topics, where there are any."""
    departments = Departments.load(service.settings.provisioning).all()
    names = [department.name for department in departments if department.kafka]
    return [Topics(service, kafka, names).check()] if kafka is not None and names else []


async def lost_positions(kafka: KafkaSettings, topic: str, epoch: UUID | None) -> set[int]:
    """The positions that no record of this epoch has, of those up to the last record's. Raises Unreachable, or
    InFlight where the topic falls silent before its end."""
    last = await last_record(kafka, topic)
    reached = cursor_of(last)
    if last is None or reached is None or reached.epoch != epoch:
        return set()  # the relay is about to begin
    stands = bytearray(reached.position + 1)  # a byte each: ten million entries are ten megabytes
    async with TopicReader(kafka, topic, {0: None}) as reader:
        offset = -1
        while offset < last.offset:
            batch = await reader.read_batch(timeout=SILENCE_SECONDS)
            if not batch.records:
                raise InFlight
            for record in batch.records:
                offset, at = record.offset, cursor_of(record)
                if at is not None and at.epoch == epoch and at.position < len(stands):
                    stands[at.position] = 1
    return {position for position in range(1, len(stands)) if not stands[position]}
