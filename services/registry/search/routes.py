"""Searches, in bodies only: what is looked for never stands in an address."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.registry.people.routes import Official
from services.registry.search.handlers import Searches
from services.registry.search.schemas import PeopleFound, Search
from shared.written import CallerFirst

router = APIRouter(tags=["people"], route_class=CallerFirst)


def searches(request: Request) -> Searches:
    """The handler of searches, one per process."""
    handler: Searches = request.app.state.searches
    return handler


Handler = Annotated[Searches, Depends(searches)]


@router.post("/v1/people/search")
async def search(body: Search, caller: Official, handler: Handler) -> PeopleFound:
    """Everyone who holds an identifier, or whose full name and birth date agree, as far as the caller's agreements for
    its purpose allow; the best 20, each written down. 429: the official has searched, or seen, as much as they may."""
    return PeopleFound(people=await handler.search(caller, body))
