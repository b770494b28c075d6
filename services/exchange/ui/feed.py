"""A department's feed as its page shows it: types, references and positions; what was disclosed stays in the feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from services.exchange.feeds.names import department_feed
from services.exchange.feeds.reading import DepartmentFeeds
from services.exchange.subscriptions import repository
from shared.db import Connection
from shared.feed.log import head
from shared.feed.values import Cursor


class Said(msgspec.Struct):
    """What is shown of an entry's body. One that may no longer be read has neither."""

    type: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Shown:
    """One entry."""

    position: int
    recorded_at: datetime
    said: Said


@dataclass(frozen=True)
class Followed:
    """A subscription: how far it was planned, and what its webhook has still to get. `host`: or its topic."""

    name: str
    host: str | None
    state: str
    behind: int
    due: int
    parked: int
    types: Sequence[str]


@dataclass(frozen=True)
class FeedShown:
    """The head of the feed, its newest entries before a position, and who follows it by subscription."""

    epoch: UUID
    head: int
    entries: Sequence[Shown]
    older: int | None
    followed: Sequence[Followed]


async def feed_shown(
    connection: Connection, feeds: DepartmentFeeds, topics: str, department: str, before: int | None, rows: int
) -> FeedShown:
    """The newest `rows` entries before a position (None: of all), newest first. `topics`: what topics begin with."""
    feed = department_feed(department)
    epoch, newest = await head(connection, feed, 0)
    last = newest if before is None else min(newest, before - 1)
    start = max(0, last - rows)
    page = await feeds.read(connection, feed, 0, Cursor(epoch, start), last - start) if last > start else None
    entries = [
        Shown(
            entry.position,
            entry.recorded_at,
            Said() if entry.body is None else msgspec.json.decode(entry.body, type=Said),
        )
        for entry in reversed(page.entries if page else [])
    ]
    older = start + 1 if start else None
    return FeedShown(
        epoch,
        newest,
        entries,
        older,
        [followed(row, newest) for row in await repository.listed(connection, department, topics)],
    )


def followed(row: dict[str, object], newest: int) -> Followed:
    """A subscription's line. Of its address only the host is shown: the rest may hold a secret of the receiver."""
    told = Told(**{name: row[name] for name in Told.__struct_fields__})  # type: ignore[arg-type]
    host = told.url.split("/")[2] if told.url else told.topic
    behind = newest - told.position if host else 0
    return Followed(told.name, host, told.state, behind, told.due, told.parked, told.types)


class Told(msgspec.Struct):
    """What is used of a subscription's row."""

    name: str
    url: str | None
    topic: str | None
    state: str
    position: int
    due: int
    parked: int
    types: list[str]
