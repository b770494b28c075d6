"""Searches, in bodies only: what is looked for never stands in an address."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.registry.people.routes import Official
from services.registry.search.handlers import Searches
from services.registry.search.matching import Matching
from services.registry.search.schemas import Candidates, Described, PeopleFound, Search
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.written import CallerFirst

IDENTITY_REVIEW = "identity-review"

router = APIRouter(tags=["people"], route_class=CallerFirst)


async def searches(request: Request) -> Searches:
    """The handler of searches, one per process."""
    handler: Searches = request.app.state.searches
    return handler


Handler = Annotated[Searches, Depends(searches)]


@router.post("/v1/people/search")
async def search(body: Search, caller: Official, handler: Handler) -> PeopleFound:
    """Everyone who holds an identifier, or whose full name and birth date agree, as far as the caller's agreements for
    its purpose allow; the best 20, each written down. 429: the official has searched, or seen, as much as they may."""
    return PeopleFound(people=await handler.search(caller, body))


def reviews_identity(caller: Caller) -> None:
    """Raise Forbidden for whoever is not there to find out who is who."""
    if caller.purpose != IDENTITY_REVIEW:
        raise Forbidden("not-agreed")


IdentityClerk = Annotated[
    Caller, Depends(require("clerk", "reviewer", department=True, purpose=True, also=reviews_identity))
]


@router.post("/v1/people/match")
async def match(body: Described, caller: IdentityClerk, handler: Handler) -> Candidates:
    """Whom a description may mean, scored by the fields that the caller's agreements show and by nothing else. No
    values are given, and nothing is linked; the look is written down. It counts as a search."""
    return await Matching(handler).match(caller, body)
