"""HTTP of tasks that are said to be wrong."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.alerts.reports import handlers
from services.alerts.reports.schemas import NotesView, ReportBody, ReportsView
from services.alerts.sessions.callers import CareWorker, Supervisor
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["worklist"], route_class=CallerFirst)


@router.post("/v1/worklist/{task}/wrong", status_code=204)
async def report(request: Request, task: UUID, caller: CareWorker, body: ReportBody) -> None:
    """This task is wrong: it goes to the facility's supervisors. Said again, the later words stand."""
    await handlers.report(alerts_of(request), caller, task, body)


@router.get("/v1/episodes/{episode}/task-reports")
async def of_episode(request: Request, response: Response, episode: UUID, caller: CareWorker) -> NotesView:
    """What workers of the facility on duty said is wrong with the tasks of an episode, in their own words."""
    response.headers["cache-control"] = "no-store"
    return NotesView(notes=await handlers.of_episode(alerts_of(request), caller, episode))


@router.get("/v1/task-reports")
async def listed(request: Request, caller: Supervisor) -> ReportsView:
    """What workers say is wrong, for supervisors: whose task it is, they are not told."""
    return ReportsView(reports=await handlers.listed(alerts_of(request), caller))


@router.delete("/v1/task-reports/{report}", status_code=204)
async def settle(request: Request, report: UUID, caller: Supervisor) -> None:
    """It is dealt with, and goes."""
    await handlers.settle(alerts_of(request), caller, report)
