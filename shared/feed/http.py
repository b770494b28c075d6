"""Feeds over HTTP: a page with long poll, and Server-Sent Events. The same for services, departments, care workers."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Protocol

from fastapi import Query
from fastapi.responses import Response, StreamingResponse

from shared.db import Connection, Pool
from shared.errors import Problem, Unauthenticated
from shared.feed.values import Cursor, Entry, FeedReset, Page
from shared.feed.watch import Watch

COMMENT_EVERY = 15.0  # seconds; proxies close silent streams
STREAM_PAGE = 200
STREAM_SECONDS = 600.0  # then the client comes back by itself, and whether it still may is judged again

After = Annotated[
    str | None,
    Query(description="`next_after` of the page before, as it was given; leave out to begin at the beginning."),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most entries in one page.")]
Partition = Annotated[int, Query(ge=0, le=32_767, description="Partition of the feed; unknown ones are not found.")]
Wait = Annotated[
    float,
    Query(
        ge=0,
        le=30,
        allow_inf_nan=False,
        description="Seconds to wait for an entry when there is none; your own timeout should be longer.",
    ),
]


class Kept(Protocol):
    """What a filter lets through."""

    async def __call__(self, page: Page) -> Sequence[Entry] | None:
        """The entries of a page to be shown; None where the stream is to end."""
        ...


class Readable(Protocol):
    """Anything that reads like a feed: FeedLog, and the journal."""

    async def read(self, connection: Connection, feed: str, partition: int, after: Cursor | None, limit: int) -> Page:
        """Read entries after a cursor; raises FeedReset or NotFound."""
        ...


Read = Callable[[Cursor | None, int], Awaitable[Page]]
"""Reads so many entries of one partition after a cursor; raises as Readable."""


def page_json(page: Page, shown: Sequence[Entry] | None = None) -> bytes:
    """A page as JSON; of a filtered one only the entries that are `shown`, and the cursor behind all of them."""
    return b'{"epoch":"%s","head":%d,"next_after":"%s","entries":[%s]}' % (
        str(page.epoch).encode(),
        page.head,
        str(page.next_after).encode(),
        b",".join(entry.json for entry in (page.entries if shown is None else shown)),
    )


def reading(pool: Pool, source: Readable, feed: str, partition: int = 0) -> Read:
    """Read a feed by oneself, on a connection that is held only so long."""

    async def read(after: Cursor | None, limit: int) -> Page:
        async with pool.acquire() as connection:
            return await source.read(connection, feed, partition, after, limit)

    return read


async def read_page(
    read: Read,
    watch: Watch,
    feed: str,
    partition: int,
    after: Cursor | None,
    limit: int,
    wait: float,
    *,
    told_all: bool = False,
) -> Page:
    """Read a page; where it is empty, wait without a connection and read once more. `told_all`: nothing followed the
    cursor a moment ago, so that it waits first."""
    if told_all and after is not None:
        await watch.wait(feed, partition, after.position, wait)
        return await read(after, limit)
    page = await read(after, limit)
    if not page.entries and wait and await watch.wait(feed, partition, page.after, wait):
        page = await read(page.next_after, limit)
    return page


async def feed_page(
    read: Read,
    watch: Watch,
    feed: str,
    partition: int,
    after: str | None,
    limit: int,
    wait: float,
    kept: Kept | None = None,
) -> Response:
    """Answer one page of a feed; `kept`: only what that lets through, after waiting. Raises Unauthenticated where it
    lets nothing through any more."""
    cursor = Cursor.parse(after) if after else None
    page = await read_page(read, watch, feed, partition, cursor, limit, wait)
    shown = page.entries if kept is None else await kept(page)
    if shown is None:
        raise Unauthenticated
    return Response(page_json(page, shown), media_type="application/json", headers={"cache-control": "no-store"})


async def feed_stream(
    read: Read, watch: Watch, feed: str, last_event_id: str | None, kept: Kept | None = None
) -> Response:
    """Answer a feed as Server-Sent Events; an unknown Last-Event-ID gets a `reset` and then everything.

    `kept`: only what that lets through.

    The answer ends after STREAM_SECONDS: a token is judged when a stream begins, and no stream may outlive it for long.
    """
    return StreamingResponse(
        stream(read, watch, feed, last_event_id, STREAM_SECONDS, kept),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def stream(
    read: Read,
    watch: Watch,
    feed: str,
    last_event_id: str | None,
    seconds: float,
    kept: Kept | None = None,
) -> AsyncIterator[bytes]:
    """Entries as they come, for so many seconds and never less than one entry that is there.

    `id` is the cursor, so that a client that comes back loses and repeats nothing. For entries that are passed over it
    comes alone: that is no event (HTML, 9.2.6), but a client comes back behind them.
    """
    end = time.monotonic() + seconds
    yield b"retry: 2000\n\n"
    cursor, told_all = None, False
    try:
        cursor = Cursor.parse(last_event_id) if last_event_id else None
    except Problem:
        yield b'event: reset\ndata: {"reason":"unknown-cursor"}\n\n'
    while True:
        try:
            wait = max(0.0, min(COMMENT_EVERY, end - time.monotonic()))
            page = await read_page(read, watch, feed, 0, cursor, STREAM_PAGE, wait, told_all=told_all)
        except FeedReset as reset:
            yield b"event: reset\ndata: " + json.dumps({"epoch": reset.extra["epoch"]}).encode() + b"\n\n"
            cursor, told_all = None, False
            continue
        if not page.entries:
            yield b": still here\n\n"
        shown = page.entries if kept is None else await kept(page)
        if shown is None:
            return
        for entry in shown:
            yield b"id: %s\nevent: entry\ndata: %s\n\n" % (
                f"{page.epoch}:{entry.position}".encode(),
                entry.json,
            )
            if watch.ended or time.monotonic() >= end:
                return
        if page.entries and (not shown or shown[-1] is not page.entries[-1]):
            yield b"id: %s\n\n" % str(page.next_after).encode()
        cursor = page.next_after
        told_all = cursor.position >= page.head
        if watch.ended or time.monotonic() >= end:
            return
