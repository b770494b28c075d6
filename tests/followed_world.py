"""A feed in one database, followed into another: over HTTP's pages, or through a topic with those beside it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from shared.app import Service
from shared.client import PAGE
from shared.crypto.keyring import KeyRing
from shared.db import Connection, Pool, transaction
from shared.feed.follow import FeedEntry, FeedPage, Fetch, Follower, Reset
from shared.feed.http import page_json
from shared.feed.log import FeedLog
from shared.feed.values import Cursor, FeedReset, NewEntry
from shared.feed.watch import Watch
from shared.kafka.errors import Unreachable
from shared.kafka.feed_records import cursor_of
from shared.kafka.fetch import TopicFetch
from shared.kafka.internal import publish_feeds
from shared.kafka.producer import TopicProducer
from shared.kafka.relay import Source
from shared.kafka.sealed import KEYS, Sealed
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, delete_topic, ensure_topics, internal_topic, last_record
from shared.kafka.values import Message
from shared.settings import Settings
from tests.line import until

FEED = "changes"
PATIENCE_SECONDS = 60


@dataclass
class Line:
    """A feed in one database, followed into another. This one: by pull."""

    source: Pool
    target: Pool
    ring: KeyRing
    log: FeedLog
    poison: set[UUID] = field(default_factory=set)
    fetched: int = 0

    async def append(self, count: int) -> list[UUID]:
        """Put entries on the feed."""
        ids = [uuid4() for _ in range(count)]
        async with transaction(self.source) as connection:
            await self.log.append(connection, FEED, [NewEntry(each, b'"%s"' % str(each).encode()) for each in ids])
        return ids

    async def fetch(self, feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        """What Client.fetch does, in the form of the wire."""
        self.fetched += 1
        try:
            async with self.source.acquire() as connection:
                cursor = Cursor.parse(after) if after else None
                return PAGE.decode(page_json(await self.log.read(connection, feed, partition, cursor, limit)))
        except FeedReset:
            raise Reset from None

    def fetching(self) -> Fetch:
        """Where a follower of this line gets its pages."""
        return self.fetch

    async def handle(self, connection: Connection, entries: Sequence[FeedEntry]) -> None:
        """Write down each entry; nothing in the table keeps it from being written twice."""
        for entry in entries:
            if entry.id in self.poison:
                raise ValueError("cannot be handled")
            assert bytes(entry.data) == b'"%s"' % str(entry.id).encode()
            await connection.execute("INSERT INTO effect (entry_id) VALUES ($1)", entry.id)

    def follower(self, **more: object) -> Follower:
        """A follower of this line."""
        given: dict[str, object] = {"handle": self.handle, "limit": 4} | more
        given.setdefault("fetch", self.fetching())
        return Follower(FEED, 0, pool=self.target, ring=self.ring, **given)  # type: ignore[arg-type]

    async def effects(self) -> list[UUID]:
        """What was written down, in order."""
        return [row["entry_id"] for row in await self.target.fetch("SELECT entry_id FROM effect ORDER BY n")]

    async def position(self) -> int:
        """Where the cursor stands."""
        return int(await self.target.fetchval("SELECT position FROM feed_cursor WHERE feed = $1", FEED) or 0)

    async def behind(self) -> bool:
        """Whether the follower does not stand at the head."""
        stands = await self.target.fetchrow("SELECT epoch, position FROM feed_cursor WHERE feed = $1", FEED)
        head = await self.source.fetchrow("SELECT epoch, position FROM feed_head WHERE feed = $1", FEED)
        return stands is None or tuple(stands) != tuple(head or ())

    async def drain(self, follower: Follower) -> None:
        """Follow to the head."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await follower.step() or await self.behind():
                pass

    async def close(self) -> None:
        """End everything of this line."""
        await self.source.close()
        await self.target.close()


@dataclass
class TopicLine(Line):
    """The same line through a topic, published by a relay while `publishing` runs."""

    kafka: KafkaSettings = field(kw_only=True)
    settings: Settings = field(kw_only=True)
    fetches: list[TopicFetch] = field(default_factory=list)
    publishing: asyncio.Task[None] | None = None

    @property
    def topic(self) -> str:
        """Where the feed is published."""
        return internal_topic(FEED, self.settings.kafka_topics)

    def publish(self) -> None:
        """Begin to publish."""
        service = Service(self.settings, self.source, self.ring, self.log, Watch(self.source))
        self.publishing = asyncio.create_task(publish_feeds(service, self.kafka, [Source(self.log, FEED)]))

    async def stop_publishing(self) -> None:
        """End the relay, as a crash of its process would."""
        if self.publishing is not None:
            self.publishing.cancel()
            await asyncio.gather(self.publishing, return_exceptions=True)

    def fetching(self) -> Fetch:
        """A fetch of its own for each follower, as for each process."""
        self.fetches.append(TopicFetch(self.kafka, self.settings.kafka_topics, self.ring, self.fetch, head_seconds=0.3))
        return self.fetches[-1]

    async def published(self) -> None:
        """Wait until the topic has everything."""
        head = await self.source.fetchval("SELECT position FROM feed_head WHERE feed = $1", FEED)

        async def complete() -> bool:
            try:
                last = cursor_of(await last_record(self.kafka, self.topic))
            except Unreachable:
                return False
            return last is not None and last.position == head

        await until(complete, "the topic complete")

    async def messages(self) -> list[Message]:
        """All entries as a relay writes them."""
        async with self.source.acquire() as connection:
            page = await self.log.read(connection, FEED, 0, None, 1000)
        form = Sealed(self.ring, KEYS[FEED], FEED, 0)
        return [form.written(page.epoch, entry) for entry in page.entries]

    async def replace_topic(self, messages: Sequence[Message]) -> None:
        """Delete the topic and create it anew with these records."""
        await delete_topic(self.kafka, self.topic)

        async def created() -> bool:
            try:
                await ensure_topics(self.kafka, [Topic(self.topic)])
            except Unreachable:
                return False
            return True

        await until(created, "the topic created anew")
        async with TopicProducer(self.kafka) as producer:
            await producer.send(self.topic, messages)

    async def close(self) -> None:
        """End everything of this line."""
        await self.stop_publishing()
        for fetch in self.fetches:
            await fetch.close()
        await super().close()


def topic_settings(prefix: str) -> Settings:
    """The settings of a service whose feeds go through Kafka."""
    nothing = Path()
    return Settings(
        database_url="", keys_file=nothing, jwks_file=nothing, kafka_topics=prefix, kafka_internal_feeds=True
    )
