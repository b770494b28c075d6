"""Use case: the counts of a facility, for its supervisors."""

from datetime import timedelta
from typing import Final

from services.alerts.counts import repository as counts
from services.alerts.questions import repository as questions
from services.alerts.questions.handlers import answering
from services.alerts.state import Alerts
from services.alerts.supervision.schemas import CountsBody, Supervision, WorkerCounts
from services.alerts.worklist.repository import without_facility
from shared.auth.caller import Caller

MISSED_WITHIN: Final = timedelta(days=30)


async def supervision(alerts: Alerts, caller: Caller) -> Supervision:
    """How much there is to do at the caller's facility, and with whom. Nothing of any woman is read."""
    facility, today = caller.facility or "", alerts.today()
    pool = alerts.service.pool
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        outgoing, incoming = await counts.offered(connection, facility, today)
        asked, overdue = await questions.counted(connection, answering(alerts, caller))
        return Supervision(
            facility=facility,
            tasks=CountsBody.of(await counts.now(connection, facility, today)),
            missed=await counts.missed(connection, facility, today - MISSED_WITHIN, today),
            offered=outgoing,
            offered_here=incoming,
            questions=asked,
            questions_overdue=overdue,
            without_facility=await without_facility(connection),
            workers=[
                WorkerCounts(worker=worker, overdue=each.overdue, today=each.today, soon=each.soon)
                for worker, each in (await counts.by_worker(connection, facility, today)).items()
            ],
        )
