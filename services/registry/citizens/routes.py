"""GET /v1/me: what a person sees of the use of their own data. POST /v1/citizens: for the identity provider only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registry.citizens.handlers import Citizens
from services.registry.citizens.schemas import Identified, OwnCases, OwnDisclosures, OwnMatches, OwnRecord, Subject
from shared.auth.caller import IDENTITY_PROVIDER, Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

router = APIRouter(tags=["citizens"], route_class=CallerFirst)

Citizen = Annotated[Caller, Depends(require("citizen"))]
Limit = Annotated[int, Query(ge=1, le=200)]


async def citizens_of(request: Request) -> Citizens:
    """The handler, one per process."""
    handler: Citizens = request.app.state.citizens
    return handler


Handler = Annotated[Citizens, Depends(citizens_of)]


def identity_provider(caller: Caller) -> None:
    """Raise Forbidden for all but the one service that may ask who somebody is, after they have shown it."""
    if caller.service != IDENTITY_PROVIDER:
        raise Forbidden


Provider = Annotated[Caller, Depends(require(service=True, also=identity_provider))]


@router.post("/v1/citizens", summary="Internal: the subject for the tokens of somebody who has shown who they are")
async def subject(body: Identified, caller: Provider, handler: Handler, response: Response) -> Subject:
    """For the identity provider, never for officials. 404: nobody certain has this number, name and birth date."""
    response.headers["cache-control"] = "no-store"
    return await handler.subject(caller, body)


@router.get("/v1/me", summary="What is known of me, and which departments say so")
async def record(caller: Citizen, handler: Handler, response: Response) -> OwnRecord:
    """Every field, and the times that somebody could not wait for a case (`notices`)."""
    response.headers["cache-control"] = "no-store"
    return await handler.record(caller)


@router.get("/v1/me/copy", summary="The same as a file to keep")
async def copy(caller: Citizen, handler: Handler, response: Response) -> OwnRecord:
    """JSON, as an attachment."""
    response.headers["cache-control"] = "no-store"
    response.headers["content-disposition"] = 'attachment; filename="my-record.json"'
    return await handler.record(caller)


@router.get("/v1/me/cases", summary="Which departments have to do with me, and why")
async def cases(
    caller: Citizen, handler: Handler, response: Response, after: UUID | None = None, limit: Limit = 50
) -> OwnCases:
    """Cases by call with purpose, basis and end, and the departments that have reported on me."""
    response.headers["cache-control"] = "no-store"
    return await handler.cases(caller, after, limit)


@router.get("/v1/me/matches", summary="How it was judged which records are mine")
async def matches(caller: Citizen, handler: Handler, response: Response) -> OwnMatches:
    """Field by field where two records were found to be mine; who judged; nothing of anybody else."""
    response.headers["cache-control"] = "no-store"
    return await handler.matches(caller)


@router.get("/v1/me/disclosures", summary="Who was told what of me, when, what for and on which basis")
async def disclosures(
    caller: Citizen, handler: Handler, response: Response, after: UUID | None = None, limit: Limit = 50
) -> OwnDisclosures:
    """The access log about me, the newest first."""
    response.headers["cache-control"] = "no-store"
    return await handler.disclosures(caller, after, limit)
