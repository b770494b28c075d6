"""/supervision: what a supervisor of a facility sees. Counts, and what somebody must decide; nobody's name."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.counts import repository as counts
from services.alerts.misuse import repository as flags
from services.alerts.questions import repository as questions
from services.alerts.questions.handlers import answering
from services.alerts.reports import handlers as reports
from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from services.alerts.ui.frame import PAGES, frame
from services.alerts.worklist import repository as worklist
from shared.sessions.pages import SEE_OTHER, page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/supervision")
async def read(request: Request, caller: Supervisor) -> Response:
    """How much there is to do, and which tasks are said to be wrong."""
    alerts = alerts_of(request)
    facility, today = caller.facility or "", alerts.today()
    async with alerts.service.pool.acquire() as connection:
        now = await counts.now(connection, facility, today)
        answers = alerts.facilities.catches(facility, today)
        lost = await worklist.without_facility(connection) if answers else None
        flagged = await flags.waiting(connection, answering(alerts, caller))
        asked, late = await questions.counted(connection, answering(alerts, caller))
        waiting = await alerts.handovers.counted(connection, caller)
    values = {
        "counts": {"overdue": now.overdue, "today": now.today, "soon": now.soon},
        "without_facility": lost,
        "reports": await reports.listed(alerts, caller),
        "handovers": waiting,
        "questions": asked,
        "questions_late": late,
        "flags": flagged,
        "today": today,
    }
    return PAGES.render(request, "supervision.html", values | frame(request, caller, "/supervision"))


@router.post("/supervision/reports/{report}")
async def settle(request: Request, report: UUID, caller: Supervisor) -> Response:
    """It is dealt with."""
    await reports.settle(alerts_of(request), caller, report)
    return RedirectResponse("/supervision", SEE_OTHER)
