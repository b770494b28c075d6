"""Follow another service's feed: cursor and effects in one fenced transaction; what cannot be handled is parked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg
import msgspec
import structlog

from shared.crypto.keyring import KeyRing
from shared.db import AWAY, Connection, Pool, transaction
from shared.feed import parked

log = structlog.get_logger()

CURSOR = "SELECT epoch, position FROM feed_cursor WHERE feed = $1 AND partition = $2"
ENSURE = "INSERT INTO feed_cursor (feed, partition) VALUES ($1, $2) ON CONFLICT DO NOTHING"
# The fence: only the follower that still stands where the row says may move it; a zombie changes nothing.
MOVE = """
UPDATE feed_cursor SET epoch = $5, position = $6, moved_at = clock_timestamp()
 WHERE feed = $1 AND partition = $2 AND epoch IS NOT DISTINCT FROM $3 AND position = $4
"""
RETRY = 1.0  # seconds between tries while the other side or the database is away
GATHER = (
    0.02  # seconds before more is asked for behind a page that was not full: one page of three costs less than three
)
STANDS_STILL = 5.0  # seconds between looks at a hole, which only people can fill


class Again(Exception):
    """What was locked is not what was resolved a moment ago: the page is tried again from the start."""


class Singly(Exception):
    """The entries of this page may not share a transaction: each is taken in its own."""


class OtherSideAway(Exception):
    """The other service cannot be reached, or does not answer as it should."""


class Hole(Exception):
    """The feed lacks an entry that its head says it has: nothing behind it is taken before it is put back."""


# Troubles that pass by themselves: the batch is tried again, nothing is parked.
PASSING = (Again, OtherSideAway, *AWAY, asyncpg.ObjectNotInPrerequisiteStateError)


class FeedEntry(msgspec.Struct, frozen=True):
    """One entry as another service's feed gives it; `data` stays raw until the handler reads it."""

    position: int
    id: UUID | None = None
    recorded_at: datetime | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")
    withheld: bool = False

    @property
    def known_id(self) -> UUID:
        """The id, which only a withheld entry may lack. Raises ValueError without one: a made-up id hides the fault."""
        if self.id is None:
            raise ValueError("an entry needs an id")
        return self.id

    @property
    def known_time(self) -> datetime:
        """When it was recorded. Raises ValueError without that."""
        if self.recorded_at is None:
            raise ValueError("an entry needs the time it was recorded")
        return self.recorded_at


class FeedPage(msgspec.Struct, frozen=True):
    """A page as another service's feed gives it."""

    epoch: UUID
    head: int
    next_after: str
    entries: list[FeedEntry]


class Reset(Exception):
    """The feed answered 409 feed-reset."""


class Fenced(Exception):
    """Another follower has moved the cursor: this one stands back and looks again."""


class Fetch(Protocol):
    """Get a page of a feed, waiting for it; raises Reset or OtherSideAway."""

    async def __call__(self, feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        """Fetch entries after a cursor."""
        ...


Handle = Callable[[Connection, Sequence[FeedEntry]], Awaitable[None]]


@dataclass
class Follower:
    """One partition of one feed, followed into this service's database. Effects must be idempotent by entry id."""

    feed: str
    partition: int
    fetch: Fetch
    pool: Pool
    ring: KeyRing
    handle: Handle
    limit: int = 500
    at_head: Callable[[Pool], Awaitable[None]] | None = None  # called whenever everything there was has been taken
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))  # one for those that take turns
    ahead: tuple[str, asyncio.Task[FeedPage]] | None = None  # the page behind the one in hand, and the cursor before it
    behind: bool = False  # whether the page in hand is full: more is waiting, and what can wait should

    async def step(self, wait: float = 0, *, ahead: bool = False) -> int:
        """Handle one page; returns the number of entries. `ahead`: behind a full page the next one is fetched while
        this one is handled. Raises Fenced when another follower was faster, Hole where an entry is missing."""
        epoch, position = await self.standing()
        after = None if epoch is None else f"{epoch}:{position}"
        try:
            page = await self.page(after, wait)
        except Reset:
            if after is None:
                raise OtherSideAway("reset without a cursor") from None  # asking again at once would never end
            log.error("feed_reset", feed=self.feed, partition=self.partition, position=position)
            async with transaction(self.pool) as connection:
                await self.move(connection, (epoch, position), (None, 0))
            return 0
        self.refuse_holes(page, position)
        self.behind = len(page.entries) == self.limit
        if not page.entries:
            return 0
        if ahead and self.behind:
            after = f"{page.epoch}:{page.entries[-1].position}"
            self.ahead = (after, asyncio.create_task(self.fetch(self.feed, self.partition, after, self.limit, 0)))
        try:
            async with self.turns:
                await self.take(page.epoch, (epoch, position), page.entries)
        except (*PASSING, Fenced):
            raise
        except Exception:
            # Singly, or something in it cannot be handled: take the entries one by one, and park the one that fails.
            await self.take_singly(page, (epoch, position))
        if self.at_head is not None and page.entries[-1].position >= page.head:
            await self.at_head(self.pool)
        return len(page.entries)

    def refuse_holes(self, page: FeedPage, position: int) -> None:
        """Raise Hole where not everything stands on a page that comes behind a position."""
        if not page.entries and page.head > position:
            raise Hole(f"{self.feed} {self.partition}: nothing behind position {position}, the head is {page.head}")
        for expected, entry in enumerate(page.entries, start=position + 1):
            if entry.position != expected:
                raise Hole(f"{self.feed} {self.partition}: nothing at position {expected}")

    async def page(self, after: str | None, wait: float) -> FeedPage:
        """The page behind a cursor. The one that was fetched ahead counts only where the database says that this
        follower stands right before it: not after a rewind, nor in another epoch. Raises Reset or OtherSideAway."""
        if self.ahead is not None:
            (behind, fetching), self.ahead = self.ahead, None
            if behind == after:
                return await fetching
            await asyncio.wait([fetching])
            if not fetching.cancelled():
                fetching.exception()  # looked at, so that nobody complains about it
        return await self.fetch(self.feed, self.partition, after, self.limit, wait)

    async def standing(self) -> tuple[UUID | None, int]:
        """Where this follower stands; a new one stands before everything."""
        row = await self.pool.fetchrow(CURSOR, self.feed, self.partition)
        if row is None:
            await self.pool.execute(ENSURE, self.feed, self.partition)
            return None, 0
        return row["epoch"], row["position"]

    async def take(
        self, epoch: UUID, before: tuple[UUID | None, int], entries: Sequence[FeedEntry]
    ) -> tuple[UUID | None, int]:
        """Apply entries and move the cursor, in one transaction."""
        after = (epoch, entries[-1].position)
        async with transaction(self.pool) as connection:
            await self.move(connection, before, after)
            told = [entry for entry in entries if not entry.withheld]
            if told:
                await self.handle(connection, told)
        return after

    async def take_singly(self, page: FeedPage, before: tuple[UUID | None, int]) -> None:
        """Apply entries one at a time; one that fails by itself is parked with its alarm and passed."""
        for entry in page.entries:
            try:
                before = await self.take(page.epoch, before, [entry])
            except (*PASSING, Fenced):
                raise
            except Exception as fault:
                after = (page.epoch, entry.position)
                async with transaction(self.pool) as connection:
                    await self.move(connection, before, after)
                    kind = type(fault).__name__
                    whole = msgspec.json.encode(entry)  # with its place and time: a retry hands it over as it came
                    await parked.park(connection, self.ring, self.feed, entry.id, whole, kind)
                before = after
                log.error("entry_parked", feed=self.feed, position=entry.position, fault=type(fault).__name__)

    async def move(
        self, connection: Connection, before: tuple[UUID | None, int], after: tuple[UUID | None, int]
    ) -> None:
        """Move the cursor from where this follower read it; raises Fenced when it stands elsewhere by now."""
        done = await connection.execute(MOVE, self.feed, self.partition, *before, *after)
        if done != "UPDATE 1":
            raise Fenced

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            await self.follow()
        finally:
            if self.ahead is not None:
                self.ahead[1].cancel()

    async def follow(self) -> None:
        """Page after page. An entry alone waits for nothing; those behind it are gathered for a moment."""
        while True:
            try:
                if 0 < await self.step(wait=20, ahead=True) < self.limit:
                    await asyncio.sleep(GATHER)
            except Fenced:
                log.warning("follower_fenced", feed=self.feed, partition=self.partition)
            except Hole as hole:
                log.error("feed_hole", feed=self.feed, partition=self.partition, where=str(hole))
                await asyncio.sleep(STANDS_STILL)
            except PASSING as trouble:
                log.warning("follower_waits", feed=self.feed, partition=self.partition, trouble=type(trouble).__name__)
                await asyncio.sleep(RETRY)
