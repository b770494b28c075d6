"""Break-glass: look up one person for one hour although no case stands, and say why."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status

from services.registry.break_glass.handlers import BreakGlass
from services.registry.break_glass.rules import PURPOSE
from services.registry.break_glass.schemas import Break, Broken, Justification
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

router = APIRouter(tags=["break-glass"], route_class=CallerFirst)


def serves(caller: Caller) -> None:
    """Raise Forbidden for whoever is not there for service."""
    if caller.purpose != PURPOSE:
        raise Forbidden("purpose-required", required_purposes=[PURPOSE])


Official = Annotated[Caller, Depends(require("clerk", department=True, purpose=True, also=serves))]


async def break_glass_of(request: Request) -> BreakGlass:
    """The handler, one per process."""
    handler: BreakGlass = request.app.state.break_glass
    return handler


Handler = Annotated[BreakGlass, Depends(break_glass_of)]


@router.post(
    "/v1/people/break-glass",
    status_code=status.HTTP_201_CREATED,
    summary="Look up one person for one hour although no case stands",
)
async def break_(body: Break, caller: Official, handler: Handler, response: Response) -> Broken:
    """The person is told, the protection officer decides, and the official says why within 72 hours. Fields are those
    of the department's agreements for `service-delivery`. 403: no agreement; 429: the day's cap; 404: nobody."""
    response.headers["cache-control"] = "no-store"
    return await handler.break_(caller, body)


@router.post(
    "/v1/people/break-glass/{grant}/justification",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Say why it was necessary",
)
async def justify(grant: UUID, body: Justification, caller: Official, handler: Handler) -> None:
    """Once, by the official who did it."""
    await handler.justify(caller, grant, body.text)
