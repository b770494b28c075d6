"""One act on care, in one transaction: what it announces, and what it erases, comes last and once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from services.alerts.contacts.announcing import gathered
from services.alerts.episodes.care import Care
from shared import clock
from shared.db import Connection, savepoint, transaction
from shared.feed.values import NewEntry


@dataclass
class Act:
    """A transaction on care. Episodes are locked first, then their contacts; the counters of feeds last and all at once
    (taken one by one they deadlock), so that everything to be told is gathered in `told`, by facility, until `finish`.
    An act that may lock a second episode, such as what stands beside one, begins with `repository.families`.
    """

    connection: Connection
    care: Care
    told: list[tuple[str, NewEntry]] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)

    async def finish(self) -> None:
        """Append what is to be told; then write erasures down and destroy their keys.

        The ledger is on disk before a key goes, and keys are gone before the rows are: should the transaction fail
        after that, nobody can read what is left, and the worker removes it within seconds.
        """
        await self.care.feeds.append_all(self.connection, gathered(self.told))
        if self.gone:
            await asyncio.to_thread(self.care.vault.erase, sorted(self.gone), clock.now())


@asynccontextmanager
async def apart(act: Act) -> AsyncIterator[None]:
    """One step of an act: where it fails, the act goes on as if it had not begun."""
    told, gone = len(act.told), len(act.gone)
    try:
        async with savepoint(act.connection):
            yield
    except BaseException:
        del act.told[told:], act.gone[gone:]
        raise


@asynccontextmanager
async def acting(care: Care) -> AsyncIterator[Act]:
    """An act in a transaction of its own; committed when the block ends, and nothing is told where it fails."""
    async with transaction(care.pool) as connection:
        act = Act(connection, care)
        yield act
        await act.finish()
