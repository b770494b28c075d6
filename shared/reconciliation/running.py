"""The running reconciler: checks walk in small steps, round after round; what they meet becomes a finding."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from shared.db import Pool, transaction
from shared.feed.follow import PASSING
from shared.reconciliation import repository
from shared.reconciliation.kinds import Finding

REST: Final = 60.0  # seconds from the end of a round to the next
IDLE: Final = 3.0  # a step is followed by so many times its own length of rest: a quarter of one connection at most
AGAIN: Final = 5.0  # seconds until what could not be compared is tried again
LONGEST: Final = 30.0  # seconds between two steps

log = structlog.get_logger()


class InFlight(Exception):
    """The other side is not yet as far as this comparison needs: it is tried again, and nothing is concluded."""


@dataclass(frozen=True)
class Step:
    """One step of a check: everything up to `place` is done; `findings` is what was met on it."""

    place: str
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class Check:
    """One comparison. `look` goes on after a place ("" is the beginning); its `kinds` are met by no other check."""

    name: str
    kinds: tuple[str, ...]
    look: Callable[[str], AsyncIterator[Step]]


class Reconciler:
    """Runs the checks of one service. Findings stand in its database; the log tells of new and of settled ones."""

    def __init__(self, pool: Pool, checks: Sequence[Check]) -> None:
        if len({kind for check in checks for kind in check.kinds}) != sum(len(check.kinds) for check in checks):
            raise ValueError("a kind of finding belongs to one check")
        self.pool, self.checks = pool, checks

    async def run(self) -> None:
        """Every check, round after round, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for check in self.checks:
                tasks.create_task(self.rounds(check))

    async def rounds(self, check: Check) -> None:
        """One check for ever. Another side that is away, or not as far, only delays it."""
        while True:
            try:
                await self.round(check, idle=IDLE)
            except (InFlight, *PASSING) as trouble:
                log.info("reconciler_waits", check=check.name, trouble=type(trouble).__name__)
                await asyncio.sleep(AGAIN)
            else:
                await asyncio.sleep(REST)

    async def once(self) -> None:
        """One round of every check, at once. Raises InFlight where the other side is not as far."""
        for check in self.checks:
            await self.round(check)

    async def round(self, check: Check, idle: float = 0) -> None:
        """What is left of the present round; at its end, findings that were not met again are settled."""
        async with self.pool.acquire() as connection:
            began, place = await repository.stand(connection, check.name)
        begin = time.monotonic()
        async for step in check.look(place):
            await self.done(check, step)
            await asyncio.sleep(min((time.monotonic() - begin) * idle, LONGEST))
            begin = time.monotonic()
        async with transaction(self.pool) as connection:
            settled = await repository.settle(connection, check.kinds, began)
            await repository.end(connection, check.name)
        for finding in settled:
            log.info("finding_settled", kind=finding.kind, place=finding.place)

    async def done(self, check: Check, step: Step) -> None:
        """Store what a step met, with how far it went."""
        async with transaction(self.pool) as connection:
            fresh = await repository.raise_(connection, step.findings) if step.findings else []
            await repository.step(connection, check.name, step.place)
        for finding in fresh:
            log.error("finding", kind=finding.kind, place=finding.place)
