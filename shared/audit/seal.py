"""The sealer: twice a second it takes what was written to the access log since, chains it and signs where it stands."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from shared import clock
from shared.audit import repository
from shared.audit.chain import BEGINNING, FIRST, sealed
from shared.audit.checkpoint import Checkpoint, sign
from shared.crypto.keyring import KeyRing
from shared.db import Connection, Pool, transaction
from shared.feed.follow import PASSING

log = structlog.get_logger()
EVERY: Final = 0.5  # seconds
PAGE: Final = 2_000  # rows: some 15 ms of hashing, during which the worker does nothing else
TOO_LATE: Final = 30.0  # seconds that a row may wait before it is an alarm


@dataclass
class Sealer:
    """Seals the access log of one service. Several may run; one at a time seals."""

    pool: Pool
    ring: KeyRing
    service: str
    too_late: float = TOO_LATE
    delayed: bool = False

    async def run(self) -> None:
        """Until cancelled. A transaction that stays open only delays; one that does for long is an alarm."""
        while True:
            done = 0
            try:
                done = await self.once()
                await self.watch()
            except PASSING as trouble:
                log.warning("sealer_waits", trouble=type(trouble).__name__)
            await asyncio.sleep(0 if done == PAGE else EVERY)

    async def once(self) -> int:
        """Seal the next page, whole or not at all; returns how many rows it has."""
        async with transaction(self.pool) as connection:
            return await self.seal(connection)

    async def seal(self, connection: Connection) -> int:
        """Within a transaction: the rows that can be sealed, at most a page, chained and signed."""
        if not await repository.only_sealer(connection):
            return 0
        before = await repository.newest(connection) or repository.Newest(0, FIRST, 0, BEGINNING)
        rows = await repository.ready(connection, before.last, PAGE)
        if not rows:
            return 0
        seal = sealed(before.head, before.number + 1, rows)
        so_far = before.rows_so_far + len(rows)
        said = Checkpoint(service=self.service, seal=seal.number, rows=so_far, head=seal.head.hex(), at=clock.now())
        await repository.add(connection, repository.Stored(seal, so_far, sign(self.ring, said)))
        return len(rows)

    async def watch(self) -> float:
        """How long the row waits that is sealed next, in seconds; says so once when that is too long."""
        async with self.pool.acquire() as connection:
            newest = await repository.newest(connection)
            seconds = await repository.first_waiting(connection, newest.last if newest else FIRST)
        late = seconds > self.too_late
        if late and not self.delayed:
            log.error("access_log_unsealed", service=self.service, seconds=round(seconds))
        self.delayed = late
        return seconds
