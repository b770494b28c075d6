"""HTTP of what the registry's words ask of workers."""

from uuid import UUID

from fastapi import APIRouter, Request

from services.alerts.life import looked
from services.alerts.life.schemas import LookedBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["life events"], route_class=CallerFirst)


@router.post("/v1/episodes/{episode}/looked", status_code=204)
async def decide(request: Request, episode: UUID, caller: CareWorker, body: LookedBody) -> None:
    """The worker has looked at what the registry said: the episode goes on, or is over. Again is the same."""
    await looked.looked(alerts_of(request).life, caller, episode, body)
