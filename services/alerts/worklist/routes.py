"""HTTP of the worklist for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.alerts.sessions.callers import CareStaff, CareWorker
from services.alerts.state import alerts_of
from services.alerts.worklist import handlers
from services.alerts.worklist.rules import Kind, Wanted, When
from services.alerts.worklist.schemas import WorklistBody

router = APIRouter(tags=["worklist"])

After = Annotated[str | None, Query(max_length=400, description="`next_after` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]


async def wanted(
    when: Annotated[When | None, Query(description="Leave out for what is due by now, overdue or not.")] = None,
    kind: Annotated[Kind | None, Query(description="Only this kind of help.")] = None,
    mine: Annotated[bool, Query(description="Only what is given to the caller.")] = False,
    schedule: Annotated[str | None, Query(max_length=48, description="Only what this schedule asks for.")] = None,
) -> Wanted:
    """What a reader wants to see, as an address says it."""
    return Wanted(when, frozenset({kind} if kind else ()), mine, schedule or None)


Filter = Annotated[Wanted, Depends(wanted)]


@router.get("/v1/worklist")
async def read(
    request: Request,
    response: Response,
    caller: CareStaff,
    filtered: Filter,
    after: After = None,
    limit: Limit = 50,
) -> WorklistBody:
    """What the caller's facility has to do. Every task shown is written into the access log."""
    response.headers["cache-control"] = "no-store"
    return WorklistBody.of(await handlers.worklist(alerts_of(request), caller, filtered, after, limit))


@router.post("/v1/worklist/{help_id}/refusal", status_code=204)
async def refuse(request: Request, help_id: UUID, caller: CareWorker) -> None:
    """The mother does not want help: it closes, without a reason that anyone is shown. Again is answered the same."""
    await alerts_of(request).helps.refuse(caller, help_id)
