"""The one handler behind HTTP and Kafka: reports that wait together share one commit."""

import asyncio
from collections.abc import Sequence

import asyncpg
import structlog

from services.exchange.intake.journal import Accepted, Journal, Report
from shared.errors import Unavailable

MOST = 2000  # reports in one commit

log = structlog.get_logger()


class Intake:
    """Collects reports and commits whatever waits whenever it is free. No timer: one client alone waits for nobody.

    The answer to a report is given only after the commit that holds it (accepted means committed).
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.waiting: list[tuple[Sequence[Report], asyncio.Future[list[Accepted]]]] = []
        self.flusher: asyncio.Task[None] | None = None

    async def submit(self, reports: Sequence[Report]) -> list[Accepted]:
        """Accept reports durably. Raises Unavailable (503) when they could not be committed: report them again."""
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
            taken: list[tuple[Sequence[Report], asyncio.Future[list[Accepted]]]] = []
            size = 0
            while self.waiting and (not taken or size + len(self.waiting[0][0]) <= MOST):
                taken.append(self.waiting.pop(0))
                size += len(taken[-1][0])
            try:
                accepted = await self.journal.accept([report for reports, _ in taken for report in reports])
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
                log.error("intake_commit_failed", trouble=type(trouble).__name__, reports=size)
                for _, answer in taken:
                    if not answer.done():
                        answer.set_exception(Unavailable())
                continue
            except BaseException as trouble:
                for _, answer in taken:
                    if not answer.done():
                        answer.set_exception(trouble if isinstance(trouble, Exception) else Unavailable())
                raise
            begin = 0
            for reports, answer in taken:
                if not answer.done():
                    answer.set_result(accepted[begin : begin + len(reports)])
                begin += len(reports)
