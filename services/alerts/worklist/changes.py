"""How many entries a facility's log has gained since a page was made, as Server-Sent Events. Positions are dense, so
counting reads no entry, and tells nothing about anybody."""

import time
from collections.abc import AsyncIterator

from services.alerts.facilities.streams import Listening
from services.alerts.registration_help.handlers import facility_feed
from shared.app import Service
from shared.feed.http import COMMENT_EVERY
from shared.feed.log import head
from shared.feed.values import Cursor

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
SECONDS = 55.0
"""Then the browser asks again by itself, and whether it still may is judged again: within a minute."""


async def counted(
    service: Service, facility: str, since: Cursor, reader: Listening, seconds: float = SECONDS
) -> AsyncIterator[bytes]:
    """The number of entries after `since` whenever it grows; all there are, where the log has begun anew. It ends where
    the reader is shut out."""
    end = time.monotonic() + seconds
    feed, seen = facility_feed(facility), since.position
    yield b"retry: 3000\n\n"
    while not (service.watch.ended or reader.over) and (left := end - time.monotonic()) > 0:
        if not await service.watch.wait(feed, 0, seen, min(COMMENT_EVERY, left)):
            yield b": still here\n\n"
            continue
        async with service.pool.acquire() as connection:
            epoch, seen = await head(connection, feed, 0)
        yield b"event: changes\ndata: %d\n\n" % (seen - since.position if epoch == since.epoch else max(seen, 1))
