"""/v1/protections: people whose address is withheld from everyone but the authority that protects them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registry.protection.handlers import Protections
from services.registry.protection.rules import PURPOSES
from services.registry.protection.schemas import Ending, Mark, ProtectionShown, ProtectionsShown
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

router = APIRouter(tags=["protection"], route_class=CallerFirst)


def protects(caller: Caller) -> None:
    """Raise Forbidden for whoever is not of an authority that protects, there for that."""
    purpose = PURPOSES.get(caller.department or "")
    if purpose is None:
        raise Forbidden
    if caller.purpose != purpose:
        raise Forbidden("purpose-required", required_purposes=[purpose])


Protector = Annotated[
    Caller,
    Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True, also=protects)),
]


async def official(response: Response, caller: Protector) -> Caller:
    """A clerk or reviewer of an authority that protects; the answer is kept nowhere on its way."""
    response.headers["cache-control"] = "no-store"
    return caller


async def protections_of(request: Request) -> Protections:
    """The handler, one per process."""
    handler: Protections = request.app.state.protections
    return handler


Official = Annotated[Caller, Depends(official)]
Handler = Annotated[Protections, Depends(protections_of)]


@router.put("/v1/protections", summary="Protect somebody from now on")
async def mark(body: Mark, caller: Official, handler: Handler) -> ProtectionShown:
    """Where the person lives, and with whom, is withheld from every other department, within seconds also from what
    they were told before. 403: not your department's ground; 404: nobody certain; 429: the quota of searches."""
    return await handler.mark(caller, body)


@router.get("/v1/protections", summary="Whom your department protects")
async def protections(
    caller: Official,
    handler: Handler,
    ended: Annotated[bool, Query(description="Those that have ended, instead.")] = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ProtectionsShown:
    """The oldest first; each person in the answer is written down."""
    return await handler.listed(caller, ended=ended, after=after, limit=limit)


@router.post("/v1/protections/{protection}/end", summary="Ask that a protection ends, or agree to it")
async def end(protection: UUID, body: Ending, caller: Official, handler: Handler) -> ProtectionShown:
    """The first official asks, another one of the department agrees: only then does it end. 403 `four-eyes`: you have
    asked yourself; 404: not your department's, or ended."""
    return await handler.end(caller, protection, body)
