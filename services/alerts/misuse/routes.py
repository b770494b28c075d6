"""HTTP of flags, for supervisors."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.alerts.misuse import handlers
from services.alerts.misuse.schemas import Decision, FlagsView
from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["misuse"], route_class=CallerFirst)


@router.get("/v1/flags", summary="Accesses by my facility's workers that a rule noticed")
async def listed(
    request: Request,
    response: Response,
    caller: Supervisor,
    decided: Annotated[bool, Query(description="Those that have a decision, in place of those that wait.")] = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FlagsView:
    """A flag blocks nothing and says nothing about guilt: it asks for a second look. Whom an access was about is not
    told, and nobody is shown a flag about themselves; where a facility lists no other supervisor today, those of the
    facility that serves the county are."""
    response.headers["cache-control"] = "no-store"
    return await handlers.listed(alerts_of(request), caller, after, limit, decided=decided)


@router.post("/v1/flags/{flag}/decision", status_code=204, summary="Decide about a flag")
async def decide(request: Request, flag: UUID, caller: Supervisor, body: Decision) -> None:
    """`seen` may become `justified` or `misuse` later; those stay: 409."""
    await handlers.decide(alerts_of(request), caller, flag, body)
