"""When it changes who serves what - another file, or a day on which a line begins or ends - open work is settled anew:
help follows, episodes are offered, and nobody's duty is lost on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog

from services.alerts.directory import repository as directory
from services.alerts.episodes.ledger import LedgerBroken
from services.alerts.facilities import repository
from services.alerts.facilities.duty import Facilities, changed
from services.alerts.life.hearing import Hearing
from shared.db import Pool, transaction
from shared.feed.follow import PASSING
from shared.identifiers.areas import AreaTable

BATCH = 500  # people
log = structlog.get_logger()


@dataclass
class Settling:
    """What it needs. `settled_on`: the day for which this process knows everything to be settled; help is settled
    whenever a process starts."""

    pool: Pool
    facilities: Facilities
    areas: AreaTable
    hearing: Hearing
    today: Callable[[], date]
    settled_on: date | None = field(default=None, init=False)

    async def settle(self) -> None:
        """Settle what changed since it was settled last, however long ago that is; it looks once a day. Interrupted, it
        begins again: what was settled already does not change by it."""
        today = self.today()
        if today == self.settled_on:
            return
        prefixes = await self.differing(today)
        if prefixes or self.settled_on is None:
            await self.hearing.helps.settle_all()
        for prefix in prefixes or ():
            await self.those_living_in(prefix)
        async with transaction(self.pool) as connection:
            await repository.settle(connection, today, sorted(self.facilities.lines, key=str))
        self.settled_on = today

    async def differing(self, today: date) -> Sequence[str] | None:
        """Prefixes in which another facility may be on duty by now; None before anything was settled."""
        async with self.pool.acquire() as connection:
            last = await repository.settled(connection)
        if last is None:
            return None
        day, lines = last
        before = Facilities.stored(lines, self.areas).served(day)
        return [*changed(before, self.facilities.served(today)), *self.facilities.ending(day, today)]

    async def those_living_in(self, prefix: str) -> None:
        """Let everything that concerns the people of a prefix stand as the directory says, batch by batch."""
        after = ""
        while True:
            async with self.pool.acquire() as connection:
                names = await directory.living_in(connection, prefix, after, BATCH)
            await self.again(names)
            if len(names) < BATCH:
                return
            after = names[-1]

    async def again(self, names: Sequence[str]) -> None:
        """Settle what concerns these people. Where something of theirs cannot be opened they are settled one by one,
        and the log tells how often it failed: nobody waits for it."""
        try:
            async with transaction(self.pool) as connection:
                await self.hearing.again(connection, names)
        except (*PASSING, LedgerBroken):
            raise
        except Exception as trouble:
            if len(names) > 1:
                for name in names:
                    await self.again([name])
            else:
                log.error("person_not_settled", trouble=type(trouble).__name__)
