"""`Partner`: one department's programme. Reports are kept and sent until their receipts are on the feed; the feed is
followed with a durable cursor; each entry is handled once."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import msgspec
import structlog

from shared.client import Client, Refused
from shared.feed.follow import FeedEntry, FeedPage, Reset
from shared.partner.retry import TROUBLES, passes, pause_after, status_of
from shared.partner.store import Report, Store
from shared.webhooks import Verified, verify

FEED: Final = "/v1/feed"
PAGE: Final = 500
BATCH: Final = 1000  # the exchange takes no more at once
TOO_LARGE: Final = 413
LONG_POLL: Final = 20.0  # seconds
NOT_WOKEN: Final = 60.0  # seconds; without a long poll the feed is asked this often, woken or not
HOLE: Final = 5.0  # seconds between looks at an entry that is missing
PREFIX, VERSION = "cn.tenfold.", ".v1"
TO_ACKNOWLEDGE: Final = frozenset({"value.corrected", "value.withdrawn"})

log = structlog.get_logger()


@dataclass(frozen=True)
class Entry:
    """One entry of the department's feed. `name` is the short type (`person.changed`), `subject` a receipt or the
    department's own reference of a person, `data` what the catalogue says of that type; ignore members you do not know.
    """

    id: UUID
    position: int
    name: str
    subject: str
    data: Mapping[str, Any]


Handle = Callable[[Entry, sqlite3.Connection], None]


class Partner:
    """Reports and follows for one department. Use as an async context manager.

    `token`: a bearer with the roles reporter and follower, or where to get the present one. `store`: a file of its own,
    one process at a time. `wait`: seconds of a long poll; 0 for a programme that `wake` tells of news.
    """

    def __init__(
        self,
        exchange: str,
        token: str | Callable[[], str],
        store: Path,
        *,
        secrets: Sequence[str] = (),
        wait: float = LONG_POLL,
    ) -> None:
        self.client = Client(exchange, token)
        self.store = Store(store)
        self.secrets, self.wait = tuple(secrets), wait
        self.batch = BATCH
        self.to_send, self.woken, self.told = asyncio.Event(), asyncio.Event(), asyncio.Condition()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.__exit__(kind, error, trace)
        await self.client.__aexit__(kind, error, trace)

    def report(self, *cloud_events: Mapping[str, Any]) -> None:
        """Keep reports, durable when this returns; `run` sends them in order. A repeat changes nothing.

        Raises OtherContent where an id was used before for something else.
        """
        self.store.keep(cloud_events)
        self.to_send.set()

    async def outcome(self, source: str, id_: str) -> Report:
        """Wait until a report is applied, rejected or refused; `run` must be running. Raises KeyError for one that was
        never kept here."""
        async with self.told:
            while True:
                found = self.store.report(source, id_)
                if found is None:
                    raise KeyError("no such report")
                if found.settled:
                    return found
                await self.told.wait()

    def wake(self, headers: Mapping[str, str], body: bytes) -> Verified:
        """A webhook came in: check that the exchange sent it, and look at the feed. Raises Unverified for a stranger's:
        answer that with 401, everything else with 204 at once."""
        verified = verify(self.secrets, headers, body)
        self.woken.set()
        return verified

    async def run(self, handle: Handle) -> None:
        """Send and follow until cancelled.

        `handle(entry, file)` is called once for each entry. What it writes to `file` (the store's SQLite connection,
        with tables of your own) is committed together with the cursor, and so is what it reports. Effects elsewhere
        must be idempotent by `entry.id`, for a process may die between the two; what takes long belongs into a table
        and a task of your own. What it raises ends `run`, and the entry comes again.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.send())
            tasks.create_task(self.follow(handle))

    async def send(self) -> None:
        """Send what waits, again and again until it is answered."""
        failures = 0
        while True:
            self.to_send.clear()
            try:
                while await self.send_some():
                    failures = 0
            except TROUBLES as trouble:
                await self.patiently(trouble, failures)
                failures += 1
                continue
            await self.to_send.wait()

    async def send_some(self) -> int:
        """Send one batch and the acknowledgements that are owed; returns how many. Raises TROUBLES."""
        waiting = self.store.waiting(self.batch)
        if waiting:
            try:
                results = await self.client.report_batch([cloud_event for _, cloud_event in waiting])
            except Refused as refusal:
                if refusal.status != TOO_LARGE:
                    raise
                if len(waiting) > 1:
                    self.batch = len(waiting) // 2  # large ones: fewer at once
                    return len(waiting)
                results = [refusal.problem]
            self.batch = BATCH
            answers = list(zip((number for number, _ in waiting), results, strict=True))
            self.store.answered([(number, result) for number, result in answers if not later(result)])
            await self.tell()
        owed = self.store.owed(BATCH)
        if owed:
            await self.client.post("/v1/feed/acknowledgements", {"entries": owed})
            self.store.acknowledged(owed)
        return len(waiting) + len(owed)

    async def follow(self, handle: Handle) -> None:
        """Read on in the feed, page after page."""
        failures = 0
        while True:
            self.woken.clear()
            after = self.store.place(FEED)
            query: dict[str, str | int | float] = {"limit": PAGE, "wait": self.wait}
            try:
                page = await self.client.page(FEED, query | ({"after": after} if after else {}))
            except Reset:
                log.warning("feed_reset")
                self.store.begin_again(FEED)
                continue
            except TROUBLES as trouble:
                await self.patiently(trouble, failures)
                failures += 1
                continue
            failures = 0
            await self.take(page, handle)
            if not page.entries and position_of(page.next_after) < page.head:
                log.error("feed_hole")  # only people can fill it
                await asyncio.sleep(HOLE)
            elif not page.entries and not self.wait:
                with suppress(TimeoutError):
                    async with asyncio.timeout(NOT_WOKEN):
                        await self.woken.wait()

    async def take(self, page: FeedPage, handle: Handle) -> None:
        """Handle a page, in one transaction with the cursor behind it."""
        if page.entries:
            with self.store.together() as file:
                self.store.move(FEED, page.next_after)
                for told in page.entries:
                    if not told.withheld:
                        self.take_one(read(told), handle, file)
            self.to_send.set()
            await self.tell()
        if position_of(page.next_after) == page.head and self.store.at_head():
            self.to_send.set()

    def take_one(self, entry: Entry, handle: Handle, file: sqlite3.Connection) -> None:
        """Note what the entry means for our reports, and hand it over unless it was before."""
        if entry.name == "receipt.changed":
            self.store.settle(entry.data)
        if self.store.is_fresh(entry.id):
            if entry.name in TO_ACKNOWLEDGE:
                self.store.owe(entry.id)
            handle(entry, file)

    async def tell(self) -> None:
        """Wake whoever waits for an outcome."""
        async with self.told:
            self.told.notify_all()

    async def patiently(self, trouble: Exception, failures: int) -> None:
        """Wait before the next try. Raises what trying again does not change."""
        if not passes(trouble):
            raise trouble
        log.warning("exchange_away", trouble=type(trouble).__name__, status=status_of(trouble))
        await asyncio.sleep(pause_after(trouble, failures))


def position_of(cursor: str) -> int:
    """The position in a cursor `epoch:position`."""
    return int(cursor.rpartition(":")[2])


def later(result: Mapping[str, Any]) -> bool:
    """Whether a result of a batch says to try again, and nothing about the CloudEvent."""
    return "receipt" not in result and int(result.get("status", 0)) >= 500


def read(told: FeedEntry) -> Entry:
    """An entry as its reader wants it."""
    cloud_event = msgspec.json.decode(told.data)
    name = cloud_event["type"].removeprefix(PREFIX).removesuffix(VERSION)
    return Entry(told.known_id, told.position, name, cloud_event.get("subject", ""), cloud_event["data"])
