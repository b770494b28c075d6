"""GET /v1/supervision: what a supervisor sees of the work of their facility."""

from fastapi import APIRouter, Request, Response

from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from services.alerts.supervision import handlers
from services.alerts.supervision.schemas import Supervision

router = APIRouter(tags=["supervision"])


@router.get("/v1/supervision", summary="My facility's work, in counts")
async def read(request: Request, response: Response, caller: Supervisor) -> Supervision:
    """Counts of tasks, by worker too. No woman is named or told apart: not by area, nor by what a task is for."""
    response.headers["cache-control"] = "no-store"
    return await handlers.supervision(alerts_of(request), caller)
