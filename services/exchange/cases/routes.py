"""Cases of the caller's department: asked for by call, listed with those that its reports opened, ended."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from services.exchange.agreements.routes import agreements_of
from services.exchange.cases import handlers
from services.exchange.cases.schemas import Asked, CaseAsked, CaseShown, CasesShown
from services.exchange.cases.standing import Status
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.sharing.agreements import Agreements
from shared.written import CallerFirst

router = APIRouter(tags=["cases"], route_class=CallerFirst)

Asking = Annotated[Caller, Depends(require("clerk", "reporter", department=True, everywhere=True))]
Department = Annotated[Caller, Depends(require("reporter", "follower", "clerk", department=True, everywhere=True))]
Shared = Annotated[Service, Depends(service_of)]
Standing = Annotated[Agreements, Depends(agreements_of)]


@router.post("/v1/cases", status_code=status.HTTP_202_ACCEPTED, summary="Ask for a case on a person")
async def ask(body: Asked, caller: Asking, service: Shared, agreements: Standing, response: Response) -> CaseAsked:
    """202: asked; 200: the same `id` again. Refused (403, 422) by agreement, purpose and last day, before anyone is
    looked for; whether the number is known is told on the feed (`case.changed`). The person sees the case."""
    asked, new = await handlers.ask(service, caller, agreements, body)
    if not new:
        response.status_code = status.HTTP_200_OK
    return asked


@router.get("/v1/cases")
async def cases(
    caller: Department,
    service: Shared,
    status: Status | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> CasesShown:
    """The caller department's cases, by call and by reporting, by status."""
    page = await handlers.page(service, caller.department or "", status, after, limit)
    return CasesShown(cases=page, next_after=page[-1].case if len(page) == limit else None)


@router.get("/v1/cases/{case}")
async def case(case: UUID, caller: Department, service: Shared) -> CaseShown:
    """One case; another department's is not found."""
    return await handlers.one(service, caller.department or "", case)


@router.delete("/v1/cases/{case}", summary="End a case that was asked for")
async def close(case: UUID, caller: Asking, service: Shared) -> CaseShown:
    """It ends at once: nothing of the person is told from now on. 409 for a case that the department's reports opened:
    that ends when they are taken back."""
    return await handlers.close(service, caller.department or "", case)
