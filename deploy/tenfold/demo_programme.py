"""Departments that are played by a programme of their own, as their developers would write it: with shared.partner it
keeps each report until its receipt is there, and follows its feed with a durable cursor."""

import asyncio
import sqlite3
from types import TracebackType
from typing import Self

from deploy.tenfold.county import Report
from deploy.tenfold.county.mentions import key_of
from deploy.tenfold.demo_play import Played
from deploy.tenfold.demo_pull import Pulled
from deploy.tenfold.demo_reach import PATIENCE, Reach
from shared.contracts.holding import Fields
from shared.partner.partner import Entry, Partner
from shared.partner.store import Report as Settled

PROGRAMMES = ("education", "housing")
"""Two of the ten, none of whose reports waits for a clerk; the others report one by one and read their feed later."""


class Programme:
    """One department's programme while it runs. Use as an async context manager."""

    def __init__(self, partner: Partner) -> None:
        self._partner, self._told = partner, Pulled()
        self._task: asyncio.Task[None] | None = None
        self._reports: list[Report] = []

    @classmethod
    def of(cls, reach: Reach, department: str) -> Self:
        """The programme of a department."""
        return cls(reach.partner(department))

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._partner.run(self._take))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._partner.__aexit__(kind, error, trace)

    def report(self, report: Report) -> None:
        """Keep a report; it is sent as soon as may be."""
        self._partner.report(report.cloud_event)
        self._reports.append(report)

    async def outcomes(self, played: Played) -> None:
        """Note the receipt of each report, once everything is settled: wait until the programme has heard of it. Raises
        what ended the programme, or TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            for report in self._reports:
                settled = await self._settled(report)
                played.note(report, {"receipt": settled.receipt} if settled.receipt else dict(settled.answer or {}))

    async def unlike(self, feed: Pulled) -> list[str]:
        """What the programme knows otherwise than who reads the whole feed at the end: one line for each person."""
        async with asyncio.timeout(PATIENCE), self._partner.told:
            await self._partner.told.wait_for(lambda: self._told.entries >= feed.entries)
        mine: dict[str, Fields] = self._told.people
        return [
            f"{reference}: its own programme knows something else"
            for reference in sorted(mine.keys() | feed.people.keys())
            if mine.get(reference) != feed.people.get(reference)
        ]

    async def _settled(self, report: Report) -> Settled:
        """How a report ended; what ended the programme is raised instead of waited out."""
        outcome = asyncio.ensure_future(self._partner.outcome(*key_of(report.cloud_event)))
        if self._task is not None:
            await asyncio.wait({outcome, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if not outcome.done():
                outcome.cancel()
                self._task.result()
        return await outcome

    def _take(self, entry: Entry, _file: sqlite3.Connection) -> None:
        """Fold an entry into what the department knows."""
        told = {"type": f"cn.tenfold.{entry.name}.v1", "subject": entry.subject, "data": entry.data}
        self._told.take(told)
        self._told.entries = entry.position
