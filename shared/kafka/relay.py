"""A numbered feed, published to its topic in order. The topic's last record says how far it is: nothing else is
remembered, so a topic that was wiped or created anew is complete again within seconds."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

import structlog

from shared.app import Service
from shared.db import transaction
from shared.feed import parked
from shared.feed.follow import PASSING
from shared.feed.http import Readable
from shared.feed.values import Cursor, Entry, FeedReset, Page
from shared.kafka.errors import Undeliverable, Undelivered, Unreachable
from shared.kafka.feed_records import PLAIN, Form, cursor_of
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.standing import StandingTopics
from shared.kafka.topics import last_record
from shared.kafka.values import Message, Record

PAGE: Final = 500
LOOK_SECONDS: Final = 3.0  # at the latest then the topic is looked at again, even when nothing is new
RETRY_SECONDS: Final = 0.5

log = structlog.get_logger()


@dataclass(frozen=True)
class Source:
    """What is published: one partition of a feed, and what reads it (at each reading as the reader may see it now)."""

    log: Readable
    feed: str
    partition: int = 0


class Holds(Protocol):
    """Which process publishes, where there are several."""

    def holds(self, topic: str, partition: int) -> bool:
        """Whether it is this one at the moment."""
        ...


class Relay:
    """Publishes one partition of a feed into the same partition of its topic, one entry a record, as `form` writes it.

    A second one anywhere only repeats entries, which followers skip; `members` says whether this process is the one
    that publishes now. `standing` creates the topic where it is missing.
    """

    def __init__(
        self,
        service: Service,
        producer: TopicProducer,
        kafka: KafkaSettings,
        topic: str,
        source: Source,
        standing: StandingTopics,
        form: Form = PLAIN,
        members: Holds | None = None,
    ) -> None:
        self.service, self.producer, self.kafka, self.topic = service, producer, kafka, topic
        self.source, self.standing, self.form, self.members = source, standing, form, members
        self.from_beginning = False
        self.behind = 0
        self.problem: str | None = None
        self.progress = time.monotonic()

    async def run(self) -> None:
        """Publish until cancelled. Trouble of broker or database passes; anything else is a bug and ends this."""
        await self.standing.ensure()
        while True:
            try:
                await self.step()
            except (Unreachable, Undelivered, *PASSING) as trouble:
                self.problem = f"{type(trouble).__name__}: {trouble}"
                log.warning("kafka_relay_waits", topic=self.topic, trouble=type(trouble).__name__)
                await self.standing.ensure()
                await asyncio.sleep(RETRY_SECONDS)

    async def step(self) -> None:
        """Look how far the topic is and publish what follows, at most a page; or wait for something new."""
        if self.members is not None and not self.members.holds(self.topic, self.source.partition):
            self.behind, self.problem, self.progress = 0, None, time.monotonic()
            await asyncio.sleep(RETRY_SECONDS)
            return
        last = await last_record(self.kafka, self.topic, self.source.partition)
        reached = None if self.from_beginning else self.reached(last)
        page = await self.page(reached)
        if page.entries:
            first = await self.publish(page.epoch, page.entries)
            # A lower offset: the topic was created anew since we looked, and lacks what came before this page.
            self.from_beginning = last is not None and first <= last.offset
        else:
            self.from_beginning = False
        self.behind = page.head - page.next_after.position
        self.problem, self.progress = None, time.monotonic()
        if not page.entries:
            await self.service.watch.wait(self.source.feed, self.source.partition, page.head, LOOK_SECONDS)

    def reached(self, last: Record | None) -> Cursor | None:
        """How far the topic is, by its last record; None: it has nothing yet."""
        return cursor_of(last)

    async def page(self, after: Cursor | None) -> Page:
        """The entries after a cursor; those of a new epoch from the beginning."""
        source, feed, partition = self.source.log, self.source.feed, self.source.partition
        async with self.service.pool.acquire() as connection:
            try:
                return await source.read(connection, feed, partition, after, PAGE)
            except FeedReset as reset:
                log.error(
                    "kafka_feed_reset", topic=self.topic, same_epoch=reset.extra["epoch"] == str(after and after.epoch)
                )
                return await source.read(connection, feed, partition, None, PAGE)

    async def publish(self, epoch: UUID, entries: Sequence[Entry]) -> int:
        """Send entries in order; returns the first one's offset. Raises Undelivered when not all have arrived."""
        try:
            return await self.send([self.form.written(epoch, entry) for entry in entries])
        except Undeliverable:
            pass
        # One of them is too large for the topic. A beginning of the page may have arrived: go on behind it, singly.
        reached = self.reached(await last_record(self.kafka, self.topic, self.source.partition))
        begun = reached is not None and reached.epoch == epoch and reached.position < entries[-1].position
        done = reached.position if reached is not None and begun else 0
        offsets = [await self.publish_one(epoch, entry) for entry in entries if entry.position > done]
        return offsets[0]

    async def publish_one(self, epoch: UUID, entry: Entry) -> int:
        """Send one entry; for one that is too large a stub, which tells to pull it; parked with an alarm."""
        try:
            return await self.send([self.form.written(epoch, entry)])
        except Undeliverable:
            log.error("kafka_entry_too_large", topic=self.topic, position=entry.position)
        first = await self.send([self.form.stub(epoch, entry.position)])
        async with transaction(self.service.pool) as connection:
            if not await parked.is_parked(connection, self.topic, entry.entry_id):
                await parked.park(
                    connection, self.service.ring, self.topic, entry.entry_id, entry.body or b"", "too-large"
                )
        return first

    async def send(self, messages: Sequence[Message]) -> int:
        """Send to this feed's partition; returns the first message's offset. Raises Undelivered."""
        return (await self.producer.send(self.topic, messages, self.source.partition))[0].offset
