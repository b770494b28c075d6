"""The one handler behind HTTP and Kafka: reports that wait together share one commit."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from services.exchange.intake.journal import Accepted, Journal, Report
from shared.contracts.judge import Judged, judge, parse_json
from shared.contracts.quick import quickly
from shared.db import AWAY
from shared.errors import Unavailable
from shared.sharing.departments import Departments
from shared.sharing.schemes import Schemes

MOST = 2000  # reports in one commit

log = structlog.get_logger()
Waiting = tuple[Sequence[Report], asyncio.Future[list[Accepted]]]


class IntakeFailed(Exception):
    """Our own code failed, or the database refuses what was asked of it: trying again is of no use.

    Answered 500, and nothing of it was accepted.
    """


class Intake:
    """Collects reports and commits whatever waits whenever it is free. No timer: one client alone waits for nobody.

    The answer to a report is given only after the commit that holds it (accepted means committed).
    """

    def __init__(self, journal: Journal, departments: Departments, schemes: Schemes) -> None:
        self.journal = journal
        self.sources = {department.name: frozenset(department.sources) for department in departments.all()}
        self.schemes = schemes.by_kind()
        self.waiting: list[Waiting] = []
        self.flusher: asyncio.Task[None] | None = None

    def judge(self, message: Any, department: str) -> Judged:
        """Judge one CloudEvent in its JSON form; only systems provisioned for the department may report, and only
        provisioned schemes may be named."""
        return judge(message, department, self.sources[department], self.schemes)

    def judge_text(self, raw: bytes, department: str) -> Judged:
        """Judge the JSON text of one CloudEvent in structured mode. Raises Invalid or Forbidden, as `judge`."""
        judged = quickly(raw, department, self.sources[department], self.schemes)
        return judged or self.judge(parse_json(raw), department)

    async def submit(self, reports: Sequence[Report]) -> list[Accepted]:
        """Accept reports durably. Nothing was accepted where it raises Unavailable (503: the database is away, report
        them again) or IntakeFailed (500: these reports could not be committed by themselves)."""
        if not reports:
            return []
        answer: asyncio.Future[list[Accepted]] = asyncio.get_running_loop().create_future()
        self.waiting.append((reports, answer))
        if self.flusher is None or self.flusher.done():
            self.flusher = asyncio.create_task(self.flush())
        return await answer

    async def flush(self) -> None:
        """Commit until nothing waits."""
        while self.waiting:
            taken: list[Waiting] = []
            size = 0
            while self.waiting and (not taken or size + len(self.waiting[0][0]) <= MOST):
                taken.append(self.waiting.pop(0))
                size += len(taken[-1][0])
            await self.commit(taken)

    async def commit(self, taken: Sequence[Waiting]) -> None:
        """Commit what was taken and answer everyone; after a failure nobody is told that anything was accepted.

        Reports that fail for a reason of their own do not spoil those that only waited with them.
        """
        try:
            accepted = await self.journal.accept([report for reports, _ in taken for report in reports])
        except AWAY as trouble:
            log.error("intake_commit_failed", trouble=type(trouble).__name__)
            refuse(taken, Unavailable)
            return
        except Exception as trouble:
            log.error("intake_failed", trouble=type(trouble).__name__)
            if len(taken) == 1:
                refuse(taken, IntakeFailed)
                return
            try:
                for each in taken:
                    await self.commit([each])
            finally:
                refuse(taken, Unavailable)  # whoever has no answer yet, because this was cancelled
            return
        except BaseException:
            refuse([*taken, *self.waiting], Unavailable)
            self.waiting.clear()
            raise
        begin = 0
        for reports, answer in taken:
            if not answer.done():
                answer.set_result(accepted[begin : begin + len(reports)])
            begin += len(reports)


def refuse(waiting: Sequence[Waiting], trouble: type[Exception]) -> None:
    """Tell everyone who still waits that nothing was accepted."""
    for _, answer in waiting:
        if not answer.done():
            answer.set_exception(trouble())
