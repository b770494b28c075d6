"""For departments: follow your feed by its topic, losing nothing that Kafka loses and taking nothing twice.

A Kafka follower asks for the head every few seconds, over HTTP, so that a lost last record is noticed; a hole is pulled
over HTTP, a repeat is skipped. Only epoch and position count: a topic may be wiped, created anew or repeat itself.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self
from uuid import UUID

from shared.client import Client
from shared.feed.follow import FeedEntry, FeedPage, Reset
from shared.feed.values import Cursor
from shared.kafka.consumer import TopicReader, all_of_them
from shared.kafka.feed_records import PLAIN, Form, Published
from shared.kafka.settings import KafkaSettings
from shared.kafka.values import Position

HEAD_SECONDS: Final = 3.0
PAGE: Final = 500


class Pull(Protocol):
    """Get a page of the department's feed after a cursor. Raises Reset (409), or what the transport raises."""

    async def __call__(self, after: str | None, limit: int) -> FeedPage:
        """Fetch entries after a cursor, without waiting for any."""
        ...


def over_http(client: Client) -> Pull:
    """Pull a department's feed with its own token."""

    async def pull(after: str | None, limit: int) -> FeedPage:
        query: dict[str, str | int | float] = {"limit": limit}
        return await client.page("/v1/feed", query | ({"after": after} if after else {}))

    return pull


@dataclass(frozen=True, slots=True)
class Entries:
    """The next entries, in order, without hole or repeat, and where the follower stands after them.

    Store `cursor` in the transaction of the effects. `positions` may be stored with it to start faster: they are
    offsets of the topic, checked before they are believed. `reset`: the feed was rebuilt and these come from its
    beginning; entries keep their ids, so effects that are idempotent by id stay right.
    """

    entries: list[FeedEntry]
    cursor: Cursor | None
    positions: Mapping[int, Position]
    reset: bool


class TopicFollower:
    """A department's feed from its topic, with HTTP beside it. One task calls `read` in a loop.

    A broker that is away only makes it slower: then everything comes over HTTP. If HTTP is away too, `read` raises what
    `pull` raised, and nothing is lost by it: what was read from the topic meanwhile is a hole, and is pulled later.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        pull: Pull,
        cursor: Cursor | None,
        positions: Mapping[int, Position] | None = None,
        *,
        head_seconds: float = HEAD_SECONDS,
        form: Form = PLAIN,
        partition: int | None = None,
    ) -> None:
        """`form`: how entries stand in the topic. `partition`: the only one to read, where each has its own feed."""
        share = all_of_them if partition is None else lambda found: [each for each in found if each == partition]
        self._reader = TopicReader(settings, topic, positions or {}, share)
        self._form = form
        self._pull, self._head_seconds = pull, head_seconds
        self._positions = dict(positions or {})
        self._asked = time.monotonic()
        self._expected = 0
        self.cursor = cursor
        """Everything up to here was handed out; None before the first entry."""
        self.pulled = 0
        """How many entries came over HTTP, because the topic lacked them or was late."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection."""
        await self._reader.close()

    def seek(self, cursor: Cursor | None) -> None:
        """Go on after this cursor, after entries could not be handled; the topic does not repeat them, so HTTP does."""
        self.cursor, self._expected = cursor, 0

    async def read(self, wait: float = 1.0, limit: int = PAGE) -> Entries:
        """The next entries; none when nothing came within `wait` seconds (longer while the broker hangs).

        At most `limit` of the topic, and what is missing before them.
        """
        step = Step(self._pull, self.cursor)
        batch = await self._reader.read_batch(limit, timeout=wait)
        for record in batch:
            found = self._form.read(record)
            if found is not None:
                await step.take(found)
        if not batch.records and time.monotonic() - self._asked >= self._head_seconds:
            # What was at the head when it was last asked for has had its time to come by the topic.
            self._expected, caught_up = await step.catch_up(self._expected)
            if caught_up:
                self._asked = time.monotonic()
        # Only now, so that an error above leaves a hole and not a loss.
        self.cursor = step.cursor
        self.pulled += step.pulled
        for partition in batch.rewound:
            self._positions.pop(partition, None)
        self._positions |= batch.positions()
        return Entries(step.entries, step.cursor, dict(self._positions), step.reset)


class Step:
    """One `read` on its way."""

    def __init__(self, pull: Pull, cursor: Cursor | None) -> None:
        self._pull = pull
        self._over: set[UUID] = set()
        self.cursor = cursor
        self.entries: list[FeedEntry] = []
        self.reset = False
        self.pulled = 0

    async def take(self, found: Published) -> None:
        """Take a record of the topic, after what is missing before it."""
        if found.at.epoch in self._over:
            return
        if self.cursor is None or found.at.epoch != self.cursor.epoch:
            await self._page(1)
        if self._standing.epoch != found.at.epoch:
            self._over.add(found.at.epoch)  # a topic also holds epochs that are over
            return
        await self._pull_until(found.at.position - (found.entry is not None))
        # Not so for a repeat, nor where the feed was rebuilt while pulling.
        if found.entry is not None and found.at == Cursor(self._standing.epoch, self._standing.position + 1):
            self._append(found.entry)

    async def catch_up(self, expected: int) -> tuple[int, bool]:
        """Ask for the head. Pull what stood there already at the last look and has not come, at most a page of it.

        Returns the head to expect next time, and whether nothing is left to pull now.
        """
        entered = self.cursor is not None
        page = await self._page(1)
        until = min(expected, page.head) if entered and not self.reset else page.head
        await self._pull_until(min(until, self._standing.position + PAGE))
        return page.head, self._standing.position >= until

    @property
    def _standing(self) -> Cursor:
        assert self.cursor is not None
        return self.cursor

    async def _pull_until(self, position: int) -> None:
        while self._standing.position < position:
            page = await self._page(min(PAGE, position - self._standing.position))
            if not page.entries:
                return
            for entry in page.entries:
                self._append(entry)
                self.pulled += 1

    async def _page(self, limit: int) -> FeedPage:
        """A page after the cursor. Where the feed was rebuilt: the first one of the new epoch, and the cursor there."""
        try:
            page = await self._pull(None if self.cursor is None else str(self.cursor), limit)
        except Reset:
            self.reset = True
            self.entries.clear()
            self.cursor = None
            page = await self._pull(None, limit)
        if self.cursor is None:
            self.cursor = Cursor(page.epoch, 0)
        return page

    def _append(self, entry: FeedEntry) -> None:
        self.entries.append(entry)
        self.cursor = Cursor(self._standing.epoch, entry.position)
