"""One department's intake topic: the same judgement, the same journal and the same receipts as over HTTP.

What is accepted is committed first, then the position moves in the transaction that answers what was refused. A crash
between the two, or a topic that is read again, brings repeats only: those are recognised by source and id.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog

from services.exchange.feeds.names import department_feed
from services.exchange.intake import repository
from services.exchange.intake.handlers import Intake, IntakeFailed
from services.exchange.intake.journal import Report
from services.exchange.intake.kafka_members import Members
from services.exchange.intake.kafka_parked import kept
from services.exchange.intake.kafka_refusals import Refusal, entry_id_of, entry_of
from services.exchange.intake.kafka_transport import message_of
from shared import clock
from shared.app import Service
from shared.db import transaction
from shared.errors import Conflict, Problem, Unavailable
from shared.feed import parked
from shared.feed.follow import PASSING, Fenced
from shared.kafka.consumer import TopicReader
from shared.kafka.settings import KafkaSettings
from shared.kafka.standing import StandingTopics
from shared.kafka.values import Batch, Position, Record

KEEP_SECONDS: Final = 14 * 24 * 3600  # what was taken stands in the journal, sealed; the topic's bytes are plain
RETRY_SECONDS: Final = 0.5
LARGEST_BATCH: Final = 500
ALONE_AFTER: Final = 3  # failures (an outage is none), then records go one by one
GIVE_UP_AFTER: Final = 6  # failures, the last ones of this one record alone

log = structlog.get_logger()


class TopicIntake:
    """Takes what one department produces, of the partitions that are this process's share. One task calls `run`; a
    second reader of the same partition anywhere is fenced off by its position."""

    def __init__(
        self,
        service: Service,
        intake: Intake,
        department: str,
        kafka: KafkaSettings,
        topic: str,
        standing: StandingTopics,
        members: Members,
    ) -> None:
        self.service, self.intake, self.department, self.topic = service, intake, department, topic
        self.reader = TopicReader(kafka, topic, {}, lambda partitions: members.share(topic, partitions))
        self.standing, self.members, self.generation = standing, members, members.generation
        self.stored: dict[int, Position] | None = None
        self.failures = 0
        self.progress = time.monotonic()

    @property
    def behind(self) -> int:
        """Records known to wait."""
        return self.reader.behind

    @property
    def problem(self) -> str | None:
        """Why the broker gives nothing, or None."""
        return self.reader.problem

    async def run(self) -> None:
        """Take records until cancelled. Trouble of broker or database passes; anything else is a bug and ends this."""
        await self.standing.ensure()
        try:
            while True:
                try:
                    await self.step()
                except (Fenced, Unavailable, IntakeFailed, *PASSING) as trouble:
                    log.warning("kafka_intake_waits", topic=self.topic, trouble=type(trouble).__name__)
                    self.stored = None
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            await self.reader.close()

    async def step(self) -> None:
        """Take one batch: accept, then move the position and answer what was refused, in one transaction."""
        if self.generation != self.members.generation:
            self.generation, self.stored = self.members.generation, None
        if self.stored is None:
            self.stored = await repository.positions(self.service.pool, self.topic)
            self.reader.seek(self.stored)
        batch = await self.reader.read_batch(1 if self.failures >= ALONE_AFTER else LARGEST_BATCH)
        if batch.rewound:
            log.error("kafka_topic_replaced", topic=self.topic, partitions=sorted(batch.rewound))
        if self.reader.problem is not None:
            await self.standing.ensure()
        elif not batch.records:
            self.progress = time.monotonic()
        if batch.records:
            await self.settle(batch, await self.take(batch))
            self.failures = 0
            self.progress = time.monotonic()

    async def take(self, batch: Batch) -> list[Refusal]:
        """Judge all records and accept the good ones durably; give back the others."""
        refusals: list[Refusal] = []
        reports: list[tuple[Record, Report]] = []
        for record in batch:
            judged = self.judged(record)
            if isinstance(judged, Refusal):
                refusals.append(judged)
            else:
                reports.append((record, judged))
        try:
            accepted = await self.intake.submit([report for _, report in reports])
        except IntakeFailed as trouble:  # and never Unavailable: an outage says nothing about a record
            self.failures += 1
            if len(batch) > 1 or self.failures < GIVE_UP_AFTER:
                raise
            return [self.failed(record, trouble) for record in batch]
        for (record, _), answer in zip(reports, accepted, strict=True):
            if answer.verdict == "differs":
                refusals.append(Refusal(record, Conflict("same-id-other-content"), unread=False))
        return refusals

    def judged(self, record: Record) -> Report | Refusal:
        """A report, or why there is none. What our own code stumbles over is parked, and must not block the topic."""
        try:
            message = message_of(record)
        except Problem as problem:
            return Refusal(record, problem, unread=True)
        try:
            return Report(self.intake.judge(message, self.department), self.department, record.value or b"")
        except Problem as problem:
            return Refusal(record, problem, unread=False)
        except Exception as fault:
            return self.failed(record, fault)

    def failed(self, record: Record, fault: Exception) -> Refusal:
        """A record that we should be able to take and cannot."""
        place = {"topic": self.topic, "partition": record.partition, "offset": record.offset}
        log.error("kafka_record_failed", fault=type(fault).__name__, **place)
        return Refusal(record, Problem("internal"), unread=True)

    async def settle(self, batch: Batch, refusals: Sequence[Refusal]) -> None:
        """Move the position; park what could not be read, and answer every refusal on the feed, each once."""
        feed, now, positions = department_feed(self.department), clock.now(), batch.positions()
        before = self.stored or {}
        async with transaction(self.service.pool) as connection:
            if not await repository.move(connection, self.topic, before, positions):
                raise Fenced
            told = await repository.told(connection, feed, [entry_id_of(self.topic, each.record) for each in refusals])
            fresh = [each for each in refusals if entry_id_of(self.topic, each.record) not in told]
            for each in fresh:
                if each.unread and each.record.value is not None:
                    entry_id, fault = entry_id_of(self.topic, each.record), each.problem.slug
                    await parked.park(connection, self.service.ring, self.topic, entry_id, kept(each.record), fault)
            await self.service.feeds.append(connection, feed, [entry_of(self.topic, each, now) for each in fresh])
        self.stored = before | positions
        if fresh:
            log.warning("kafka_records_refused", topic=self.topic, count=len(fresh))
