"""A feed beside its topic: every position of the feed stands in some record, and the record is of that very entry.

A log of Kafka's never changes but at its beginning and its end. So a topic is read through once, and afterwards only
what came behind, as long as its beginning and the last record read are those of before.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from uuid import UUID

from shared.db import Connection, Pool
from shared.kafka.bounds import bounds_of
from shared.kafka.consumer import TopicReader
from shared.kafka.errors import Unreachable
from shared.kafka.feed_records import PLAIN, Form
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import last_record
from shared.kafka.values import Position, Record
from shared.reconciliation import repository
from shared.reconciliation.kinds import RECORD_LOST, Finding
from shared.reconciliation.ranges import NAMED, Lost, absent, lost_twice, places
from shared.reconciliation.running import InFlight, Step

AGAIN_SECONDS: Final = 10.0  # a relay that publishes a topic anew is given so much time between two looks
SILENCE_SECONDS: Final = 10.0  # a topic that says nothing for so long is looked at in the next round
BATCH: Final = 2_000

Ids = Callable[[Connection, str, int, Sequence[int]], Awaitable[Mapping[int, UUID]]]
"""Entry ids by position, wherever a feed's entries stand."""


@dataclass
class Read:
    """What was read of one partition's log: it began at `start`, and `last` is the last record of it. A byte for each
    position: ten million entries are ten megabytes."""

    start: int = 0
    last: Position | None = None
    stands: bytearray = field(default_factory=lambda: bytearray(1))

    @property
    def reached(self) -> int:
        """The highest position that stands."""
        return self.stands.rfind(1)

    def note(self, position: int) -> None:
        """A record of this position stands."""
        if position >= len(self.stands):
            self.stands.extend(bytes(max(position + 1 - len(self.stands), len(self.stands))))
        self.stands[position] = 1


@dataclass
class FeedTopic:
    """One partition of a topic, and the feed that is published there."""

    pool: Pool
    kafka: KafkaSettings
    topic: str
    feed: str
    partition: int = 0
    form: Form = PLAIN
    ids: Ids = repository.entry_ids
    known: dict[UUID, Read] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What findings call it."""
        return f"{self.topic}/{self.partition}"

    async def look(self, again: float = AGAIN_SECONDS) -> list[Finding]:
        """What is missing counts when it is missing twice, and nothing behind the last record while that moves: a topic
        may be on its way. Raises InFlight where the broker does not answer."""
        try:
            lost = await self.lost()
            if lost.ranges:
                await asyncio.sleep(again)
                lost = lost_twice(lost, await self.lost())
        except Unreachable:
            raise InFlight from None
        return [Finding(RECORD_LOST, place) for place in places(self.name, lost.ranges)]

    async def lost(self) -> Lost:
        """The first positions of the feed that no record of its epoch has, and the highest one that stands."""
        async with self.pool.acquire() as connection:
            epoch, head = await repository.head(connection, self.feed, self.partition)
        if epoch is None:
            return Lost([], 0)
        read = await self.read(epoch)
        return Lost(list(islice(absent(read.stands, 1, head), NAMED)), read.reached)

    async def read(self, epoch: UUID) -> Read:
        """Read what came since; all of it where the log is not the one of before. Raises Unreachable or InFlight."""
        bounds = (await bounds_of(self.kafka, self.topic)).get(self.partition)
        if bounds is None:
            raise InFlight
        end = await last_record(self.kafka, self.topic, self.partition)
        read = self.known.get(epoch)
        if read is None or read.start != bounds.start or shortened(read.last, end):
            read = Read(bounds.start)
        self.known = {epoch: read}
        if end is None:
            return read
        positions = {self.partition: read.last}
        async with TopicReader(self.kafka, self.topic, positions, lambda _: [self.partition]) as reader:
            while read.last is None or read.last.offset < end.offset:
                batch = await reader.read_batch(BATCH, timeout=SILENCE_SECONDS)
                if batch.rewound:
                    self.known.clear()  # the topic was created anew, and is longer than before
                    return await self.read(epoch)
                if not batch.records:
                    raise InFlight
                await self.take(read, batch.records, epoch)
                read.last = batch.records[-1].position
        return read

    async def take(self, read: Read, records: Sequence[Record], epoch: UUID) -> None:
        """Note the records that are of the feed's own entries; a stub and a withheld one name none."""
        said = [told for each in records if (told := self.form.read(each)) is not None and told.at.epoch == epoch]
        named = [each.at.position for each in said if each.entry is not None and each.entry.id is not None]
        ids: Mapping[int, UUID] = {}
        if named:
            async with self.pool.acquire() as connection:
                ids = await self.ids(connection, self.feed, self.partition, named)
        for each in said:
            entry_id = None if each.entry is None else each.entry.id
            if entry_id is None or ids.get(each.at.position, entry_id) == entry_id:
                read.note(each.at.position)


def shortened(last: Position | None, end: Record | None) -> bool:
    """Whether the log cannot be the one of which `last` was read: it ends before, or with another record there."""
    if last is None:
        return False
    return end is None or end.offset < last.offset or (end.offset == last.offset and end.position != last)


async def beside_feeds(topics: Sequence[FeedTopic], again: float, place: str) -> AsyncIterator[Step]:
    """One partition of a topic a step."""
    for topic in sorted(topics, key=lambda each: each.name):
        if topic.name > place:
            yield Step(topic.name, await topic.look(again))
