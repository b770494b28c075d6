"""Open streams and waiting polls are judged again while they last: one look for all of a process, every few seconds."""

import asyncio
from collections.abc import Sequence
from weakref import WeakSet

import asyncpg
import structlog

from services.alerts.facilities.handlers import Staff
from shared.auth.caller import Caller
from shared.db import AWAY
from shared.feed.values import Entry, Page

# With the 15 s after which a silent stream speaks (shared/feed/http.py), whoever is shut out hears nothing after 20 s.
LOOK_EVERY = 5.0  # seconds

log = structlog.get_logger()


class Listening:
    """One open stream and whose it is. As the filter of a feed it lets everything through, until it is over."""

    def __init__(self, caller: Caller) -> None:
        self.caller, self.over = caller, False

    async def __call__(self, page: Page) -> Sequence[Entry] | None:
        """The entries of a page; None, which ends the stream, for who may not listen any more. Who is told something is
        judged anew where it is read (feeds/together.py), between the looks at all streams."""
        return None if self.over else page.entries


class OpenStreams:
    """The open streams of this process. A stream that ends is forgotten by itself."""

    def __init__(self, staff: Staff, look_every: float = LOOK_EVERY) -> None:
        self.staff, self.look_every = staff, look_every
        self.streams: WeakSet[Listening] = WeakSet()
        self.task: asyncio.Task[None] | None = None

    def listening(self, caller: Caller) -> Listening:
        """A stream of this caller, judged from now on."""
        stream = Listening(caller)
        self.streams.add(stream)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.look())
        return stream

    async def look(self) -> None:
        """Judge every open stream until there is none; a database that is away is asked again."""
        while self.streams:
            try:
                await self.judge_all()
            except (*AWAY, asyncpg.PostgresError):
                log.warning("stream_callers_not_judged")
            await asyncio.sleep(self.look_every)

    async def judge_all(self) -> None:
        """One look."""
        streams = list(self.streams)
        may = await self.staff.may_still([stream.caller for stream in streams])
        for stream, still in zip(streams, may, strict=True):
            stream.over = stream.over or not still
