"""HTTP of what the registry's words ask of workers."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.alerts.life import looked
from services.alerts.life.schemas import LookedBody, ToLookAtPage
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["life events"], route_class=CallerFirst)

Unlinked = Annotated[Literal["true"], Query(description="Only this list there is: nobody lists all episodes.")]


@router.get("/v1/episodes")
async def to_look_at(
    request: Request,
    response: Response,
    caller: CareWorker,
    unlinked: Unlinked,
    after: Annotated[UUID | None, Query(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ToLookAtPage:
    """The facility's episodes that are linked to nobody, or about which the registry said something that a worker has
    to look at. Every read is written into the access log."""
    response.headers["cache-control"] = "no-store"
    return await looked.to_look_at(alerts_of(request).life, caller, after, limit)


@router.post("/v1/episodes/{episode}/looked", status_code=204)
async def decide(request: Request, episode: UUID, caller: CareWorker, body: LookedBody) -> None:
    """The worker has looked at what the registry said: the episode goes on, or is over. Again is the same."""
    await looked.looked(alerts_of(request).life, caller, episode, body)
