"""Corrections: asked by people of themselves and by departments, decided by the authority on the field."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from services.registry.corrections.handlers import PURPOSE, Corrections
from services.registry.corrections.schemas import (
    Annul,
    Ask,
    Asked,
    AskOf,
    Decision,
    ListedCorrections,
    OwnCorrections,
    Shown,
    Side,
    Standing,
)
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

router = APIRouter(tags=["corrections"], route_class=CallerFirst)
Citizen = Annotated[Caller, Depends(require("citizen"))]
Limit = Annotated[int, Query(ge=1, le=200)]


async def corrections_of(request: Request) -> Corrections:
    """The handler, one per process."""
    handler: Corrections = request.app.state.corrections
    return handler


Handler = Annotated[Corrections, Depends(corrections_of)]
Asking = Annotated[Caller, Depends(require("clerk", "reporter", department=True, purpose=True, everywhere=True))]
Either = Annotated[
    Caller, Depends(require("clerk", "reporter", "reviewer", department=True, purpose=True, everywhere=True))
]


def decides(caller: Caller) -> None:
    """Raise Forbidden for whoever is not there to decide about corrections."""
    if caller.purpose != PURPOSE:
        raise Forbidden("purpose-required", required_purposes=[PURPOSE])


Decider = Annotated[
    Caller, Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True, also=decides))
]


@router.post("/v1/me/corrections", status_code=status.HTTP_201_CREATED, summary="Ask that something of me be corrected")
async def ask_own(body: Ask, caller: Citizen, handler: Handler) -> Asked:
    """The department that registers the field answers with reasons, within 30 days. 409: asked already."""
    return await handler.asking.ask_own(caller, body)


@router.get("/v1/me/corrections", summary="What was asked to be corrected of me, and what was answered")
async def own(
    caller: Citizen, handler: Handler, response: Response, after: UUID | None = None, limit: Limit = 50
) -> OwnCorrections:
    """The newest first."""
    response.headers["cache-control"] = "no-store"
    return await handler.asking.own(caller, after, limit)


@router.post("/v1/me/corrections/{correction}/withdrawal", status_code=status.HTTP_204_NO_CONTENT)
async def withdraw_own(correction: UUID, caller: Citizen, handler: Handler) -> None:
    """Take my own request back. 409: it is closed."""
    await handler.asking.withdraw_own(caller, correction)


@router.post("/v1/corrections", status_code=status.HTTP_201_CREATED, summary="Ask that something be corrected")
async def ask(body: AskOf, caller: Asking, handler: Handler) -> Asked:
    """Of somebody whose field the caller may see. 403: no agreement for this purpose shows the field; 404: unknown or
    not yours; 409: asked already."""
    return await handler.asking.ask(caller, body)


@router.get("/v1/corrections", summary="Corrections that my department asked for, or that it decides")
async def listed(
    caller: Either,
    handler: Handler,
    side: Side = "to-decide",
    standing: Standing | None = None,
    after: UUID | None = None,
    limit: Limit = 50,
) -> ListedCorrections:
    """The one due first first, so that the overdue ones stand before all; nobody's data is in the list."""
    return await handler.listed(caller.department or "", side, standing, after, limit)


@router.get("/v1/corrections/{correction}", summary="One correction")
async def shown(correction: UUID, caller: Either, handler: Handler, response: Response) -> Shown:
    """For the department that asked, with the answer; for the authority on the field (purpose `correction`) with whom
    and what it decides about, which is written down."""
    response.headers["cache-control"] = "no-store"
    return await handler.shown(caller, correction)


@router.post("/v1/corrections/{correction}/withdrawal", status_code=status.HTTP_204_NO_CONTENT)
async def withdraw(correction: UUID, caller: Asking, handler: Handler) -> None:
    """Take the department's own request back. 409: it is closed."""
    await handler.asking.withdraw(caller, correction)


@router.post("/v1/corrections/{correction}/decision", summary="Decide about a correction")
async def decision(correction: UUID, body: Decision, caller: Decider, handler: Handler, response: Response) -> Shown:
    """Approve a value, settle by an own event, permit to supersede another department's event, or refuse; always with
    reasons. 403: whoever asked does not decide; 409: closed meanwhile; 422: it does not fit."""
    response.headers["cache-control"] = "no-store"
    return await handler.decide(caller, correction, body)


@router.post("/v1/corrections/{correction}/annulment", summary="Take an approved correction back")
async def annulment(correction: UUID, body: Annul, caller: Decider, handler: Handler, response: Response) -> Shown:
    """What stood before stands again, and everyone who heard of the correction hears of it. 409: not approved."""
    response.headers["cache-control"] = "no-store"
    return await handler.annul(caller, correction, body.reason)
