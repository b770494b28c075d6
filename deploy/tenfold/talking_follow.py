"""`tenfold follow`: a department's feed, one entry a line."""

import json
import os
import sys
from typing import Any

import msgspec

from deploy.tenfold.talking_post import Unreadable, token_for
from deploy.tenfold.talking_trouble import complain, in_plain_words
from shared.client import Client
from shared.feed.follow import FeedEntry

PAGE, WAIT = 500, 20  # entries, seconds


async def follow(department: str, exchange: str, after: str | None, *, once: bool) -> int:
    """Print entries after a cursor (none: from the beginning) as they come; `once`: up to the head, then end."""
    try:
        token = token_for(department)
    except Unreadable as fault:
        complain(str(fault))
        return 1
    async with Client(exchange, token) as client:
        return await in_plain_words(print_entries(client, after, once=once))


async def print_entries(client: Client, after: str | None, *, once: bool) -> int:
    """Until cancelled, or the head, or nobody reads any more (`| head`)."""
    while True:
        query: dict[str, str | int | float] = {"limit": PAGE, "wait": 0 if once else WAIT}
        page = await client.page("/v1/feed", query | ({"after": after} if after else {}))
        try:
            for entry in page.entries:
                sys.stdout.write(line_of(entry) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more at exit
            return 0
        after = page.next_after
        if once and (not page.entries or page.entries[-1].position >= page.head):
            return 0


def line_of(entry: FeedEntry) -> str:
    """One entry as one line of JSON."""
    shown: dict[str, Any] = {"position": entry.position}
    if entry.withheld:
        return json.dumps(shown | {"withheld": True})
    shown |= {"id": str(entry.id), "recorded_at": entry.recorded_at and entry.recorded_at.isoformat()}
    return json.dumps(shown | {"data": msgspec.json.decode(entry.data)}, ensure_ascii=False)
