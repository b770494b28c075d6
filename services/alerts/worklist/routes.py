"""HTTP of the worklist for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.alerts.sessions.callers import CareStaff
from services.alerts.state import alerts_of
from services.alerts.worklist import handlers
from services.alerts.worklist.schemas import WorklistBody

router = APIRouter(tags=["worklist"])

After = Annotated[str | None, Query(max_length=300, description="`next_after` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/v1/worklist")
async def read(
    request: Request, response: Response, caller: CareStaff, after: After = None, limit: Limit = 50
) -> WorklistBody:
    """Open help of the caller's facility. Every read is written into the access log."""
    response.headers["cache-control"] = "no-store"
    return WorklistBody.of(await handlers.worklist(alerts_of(request), caller, after, limit))


@router.post("/v1/worklist/{help_id}/refusal", status_code=204)
async def refuse(request: Request, help_id: UUID, caller: CareStaff) -> None:
    """The mother does not want help: it closes, without a reason that anyone is shown. Again is answered the same."""
    await alerts_of(request).helps.refuse(caller, help_id)
