"""HTTP of her own page, for programs; and of the slip, for staff on duty."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from services.alerts.own import handlers
from services.alerts.own.callers import Herself
from services.alerts.own.schemas import CopyView, LooksView, OwnView
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of

router = APIRouter(tags=["own data"])
UNKEPT = "no-store"


class OwnCodeView(BaseModel):
    """What stands on her slip. It is shown this once."""

    code: str
    url: str


@router.post("/v1/episodes/{episode}/own-code", status_code=201)
async def make_code(request: Request, response: Response, episode: UUID, caller: CareWorker) -> OwnCodeView:
    """A new slip for her own page; the one before lets nobody in any more."""
    response.headers["cache-control"] = UNKEPT
    alerts = alerts_of(request)
    code = await handlers.make_code(alerts, caller, episode)
    return OwnCodeView(code=code, url=f"{alerts.service.settings.alerts_url}/me/login")


@router.get("/v1/me/episode")
async def read(request: Request, response: Response, caller: Herself) -> OwnView:
    """What is due next and why, and until when she agreed. Once it is over, there is nothing: 404."""
    response.headers["cache-control"] = UNKEPT
    return await handlers.read(alerts_of(request), caller)


@router.post("/v1/me/episode/pause", status_code=204)
async def pause(request: Request, caller: Herself) -> None:
    """No reminders for now. Again is the same."""
    await handlers.pause(alerts_of(request), caller)


@router.post("/v1/me/episode/resume", status_code=204)
async def resume(request: Request, caller: Herself) -> None:
    """Reminders begin again. Again is the same."""
    await handlers.resume(alerts_of(request), caller)


@router.delete("/v1/me/episode/consent", status_code=204)
async def withdraw(request: Request, caller: Herself) -> None:
    """She withdraws: every row is removed and the key destroyed within this call. Again is the same."""
    await handlers.withdraw(alerts_of(request), caller)


@router.get("/v1/me/episode/copy")
async def copy(request: Request, response: Response, caller: Herself) -> CopyView:
    """Everything that is kept of her here, and who looked at it."""
    response.headers["cache-control"] = UNKEPT
    return await handlers.copy(alerts_of(request), caller)


@router.get("/v1/me/episode/disclosures")
async def looks(
    request: Request,
    response: Response,
    caller: Herself,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LooksView:
    """Who looked, and who did something, the newest first."""
    response.headers["cache-control"] = UNKEPT
    return await handlers.looks(alerts_of(request), caller, after, limit)
