"""Workers who listen to one feed are told together: one transaction judges them, reads, and writes down for each of
them who read of whom. An entry is awaited by a whole facility.

Whoever comes while others are being answered goes with the next. There is no timer, so that who comes alone waits for
nobody.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from services.alerts.facilities.handlers import Staff
from services.alerts.facilities.streams import Listening
from services.alerts.feeds.reading import ToldFeed, read_for
from shared.db import Pool, transaction
from shared.feed.values import Cursor, Page

AT_ONCE: Final = 200
SIDE_BY_SIDE: Final = 2  # while one waits for the database, the other hands out

Asked = tuple[str, Cursor | None, int]
"""Feed, cursor, and how many entries at most."""


class Waiting(NamedTuple):
    """A reader who waits for a page."""

    reader: Listening
    page: asyncio.Future[Page]


class Together:
    """Answers readers of facilities' feeds. One per process."""

    def __init__(self, pool: Pool, told: ToldFeed, staff: Staff) -> None:
        self.pool, self.told, self.staff = pool, told, staff
        self.waiting: dict[Asked, list[Waiting]] = {}
        self.answering: set[asyncio.Task[None]] = set()

    async def read(self, reader: Listening, feed: str, after: Cursor | None, limit: int) -> Page:
        """A page, once it is written down that this reader read it; where they may listen no more nothing is, and the
        reader's stream is over. Raises as FeedLog.read."""
        waiting = Waiting(reader, asyncio.get_running_loop().create_future())
        self.waiting.setdefault((feed, after, limit), []).append(waiting)
        if len(self.answering) < SIDE_BY_SIDE:
            self.answering.add(asyncio.create_task(self.answer()))
        return await waiting.page

    async def answer(self) -> None:
        """Answer whoever waits, until nobody does; those together who ask the same. It counts as answering until its
        last look at who waits, and not a turn of the loop longer: whoever comes then starts another."""
        try:
            while self.waiting:
                asked = next(iter(self.waiting))
                all_who_ask = self.waiting.pop(asked)
                taken, rest = all_who_ask[:AT_ONCE], all_who_ask[AT_ONCE:]
                if rest:
                    self.waiting[asked] = rest  # behind those who ask something else
                try:
                    await self.tell(asked, [each for each in taken if not each.page.done()])
                finally:
                    for each in taken:
                        each.page.cancel()  # only who was not answered, because this process ends
        finally:
            self.answering.discard(cast(asyncio.Task[None], asyncio.current_task()))

    async def tell(self, asked: Asked, readers: Sequence[Waiting]) -> None:
        """A page for each. What fails for all is tried once more for each alone: one who cannot be written down must
        not shut out the others."""
        try:
            page = await self.page(asked, [each.reader for each in readers])
        except Exception as trouble:
            if len(readers) == 1:
                if not readers[0].page.done():
                    readers[0].page.set_exception(trouble)
                return
            for each in readers:
                await self.tell(asked, [each])
            return
        for each in readers:
            if not each.page.done():
                each.page.set_result(page)

    async def page(self, asked: Asked, readers: Sequence[Listening]) -> Page:
        """The page that all of them asked for, read and written down for those who may listen."""
        feed, after, limit = asked
        async with transaction(self.pool) as connection:
            page = await self.told.feeds.read(connection, feed, 0, after, limit)
            if not page.entries:
                return page
            may = await self.staff.judged(connection, [each.caller for each in readers])
            for reader, still in zip(readers, may, strict=True):
                reader.over = reader.over or not still
            callers = [each.caller for each in readers if not each.over]
            return await read_for(connection, self.told, callers, feed, page)
