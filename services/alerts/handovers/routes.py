"""HTTP of hand-over, for care workers; supervisors see counts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.alerts.handovers import agreement
from services.alerts.handovers.schemas import (
    AcceptedView,
    FacilityCode,
    HandoversView,
    OfferBody,
    OfferedView,
    WordsView,
)
from services.alerts.sessions.callers import CareStaff, CareWorker
from services.alerts.state import alerts_of
from shared.written import CallerFirst

After = Annotated[str | None, Query(max_length=400, description="`next_after` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most offers of each list.")]

router = APIRouter(tags=["hand-over"], route_class=CallerFirst)


@router.post("/v1/episodes/{episode}/handover", status_code=201)
async def offer(
    request: Request, response: Response, episode: UUID, caller: CareWorker, body: OfferBody
) -> OfferedView:
    """Offer an episode to another facility, or for a stay: she was told who it is, and agreed. The duty stays here
    until it accepts. 200 for the offer there is."""
    shown, new = await alerts_of(request).handovers.offer(caller, episode, body)
    if not new:
        response.status_code = 200
    return shown


@router.get("/v1/handovers")
async def read(
    request: Request, response: Response, caller: CareStaff, after: After = None, limit: Limit = 200
) -> HandoversView:
    """What waits: for care workers the offers to and from their facility, for supervisors counts."""
    response.headers["cache-control"] = "no-store"
    return await alerts_of(request).handovers.listed(caller, after, limit)


@router.get("/v1/handovers/words")
async def words(request: Request, caller: CareWorker, to: Annotated[FacilityCode, Query()]) -> WordsView:
    """What she is told before she is asked about this facility (Personal Information Protection Law, Art. 23)."""
    recipient = alerts_of(request).handovers.recipient(to, caller)
    return WordsView(version=agreement.VERSION, words=agreement.words(recipient))


@router.post("/v1/handovers/{handover}/accept")
async def accept(request: Request, handover: UUID, caller: CareWorker) -> AcceptedView:
    """The caller's facility has the duty from now on. 409: it was decided otherwise."""
    return AcceptedView(episode=await alerts_of(request).handovers.accept(caller, handover))


@router.post("/v1/handovers/{handover}/decline", status_code=204)
async def decline(request: Request, handover: UUID, caller: CareWorker) -> None:
    """The duty stays where it is. 409: it was decided otherwise."""
    await alerts_of(request).handovers.decline(caller, handover)


@router.delete("/v1/handovers/{handover}", status_code=204)
async def take_back(request: Request, handover: UUID, caller: CareWorker) -> None:
    """The facility that has the duty takes its offer back, or she does not want it. 409: it was decided otherwise."""
    await alerts_of(request).handovers.take_back(caller, handover)
