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
from shared.auth.require import caller, require
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


async def at_the_desk(who: Annotated[Caller, Depends(caller)], handler: Handler) -> Caller:
    """Somebody of the department that registers identity, there to review it. Raises Forbidden."""
    if who.department != handler.authority or who.purpose != PURPOSE:
        raise Forbidden
    return who


Clerk = Annotated[
    Caller, Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True, by=at_the_desk))
]


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
async def ask(body: Asked, who: Clerk, handler: Handler) -> ReviewOpened:
    """Ask for a merge, or for the undoing of one. Another official decides."""
    return ReviewOpened(review=await handler.ask(who, body))


@router.get("/v1/reviews/{review}")
async def review(review: UUID, who: Clerk, handler: Handler, response: Response) -> ReviewShown:
    """One review with everyone in question side by side; the look is written down for each of them."""
    response.headers["cache-control"] = "no-store"
    return await handler.shown(who, review)


@router.post("/v1/reviews/{review}/decision")
async def decision(review: UUID, body: Decision, who: Clerk, handler: Handler) -> DecisionTaken:
    """Decide. 409: decided meanwhile, or somebody in question has changed since `version`; 422: it answers nothing."""
    return await handler.decide(who, review, body)
