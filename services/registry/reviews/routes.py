"""/v1/reviews: who is one person and who is not, decided by clerks of the department that registers identity."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registry.reviews.handlers import Reviews
from services.registry.reviews.schemas import (
    Asked,
    Decision,
    DecisionTaken,
    Kind,
    ReviewList,
    ReviewOpened,
    ReviewShown,
    Standing,
)
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

router = APIRouter(tags=["reviews"], route_class=CallerFirst)

PURPOSE = "identity-review"
Limit = Annotated[int, Query(ge=1, le=200)]


async def reviews_of(request: Request) -> Reviews:
    """The handler, one per process."""
    handler: Reviews = request.app.state.reviews
    return handler


Handler = Annotated[Reviews, Depends(reviews_of)]
Official = Annotated[Caller, Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True))]


async def identity_clerk(caller: Official, handler: Handler) -> Caller:
    """A clerk or reviewer of the department that registers identity, there to review it. Raises Forbidden."""
    if caller.department != handler.authority or caller.purpose != PURPOSE:
        raise Forbidden
    return caller


Clerk = Annotated[Caller, Depends(identity_clerk)]


@router.get("/v1/reviews")
async def reviews(
    _: Clerk,
    handler: Handler,
    kind: Kind | None = None,
    standing: Standing = "open",
    after: UUID | None = None,
    limit: Limit = 50,
) -> ReviewList:
    """What waits for a clerk, the oldest first; nobody's data is in the list."""
    return await handler.listed(standing, kind, after, limit)


@router.post("/v1/reviews", status_code=201)
async def ask(body: Asked, caller: Clerk, handler: Handler) -> ReviewOpened:
    """Ask for a merge, or for the undoing of one. Another official decides."""
    return ReviewOpened(review=await handler.ask(caller, body))


@router.get("/v1/reviews/{review}")
async def review(review: UUID, caller: Clerk, handler: Handler, response: Response) -> ReviewShown:
    """One review with everyone in question side by side; the look is written down for each of them."""
    response.headers["cache-control"] = "no-store"
    return await handler.shown(caller, review)


@router.post("/v1/reviews/{review}/decision")
async def decision(review: UUID, body: Decision, caller: Clerk, handler: Handler) -> DecisionTaken:
    """Decide. 409: decided meanwhile, or somebody in question has changed since `version`; 422: it answers nothing."""
    return await handler.decide(caller, review, body)
