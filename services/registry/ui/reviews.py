"""/reviews: what waits for a clerk of the department that registers identity."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.registry.reviews.routes import PURPOSE, Handler
from services.registry.reviews.schemas import Kind, Standing
from services.registry.ui.frame import PAGES, frame
from services.registry.ui.words import REVIEW_KINDS, REVIEW_STANDINGS
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden
from shared.sessions.callers import any_caller
from shared.sessions.pages import page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SECTION = "/reviews"
ROWS = 50

Staff = Annotated[
    Caller, Depends(require("clerk", "reviewer", department=True, purpose=True, everywhere=True, by=any_caller))
]


async def identity_clerk(caller: Staff, handler: Handler) -> Caller:
    """As the API has it: of the department that registers identity, there to review it. Raises Forbidden."""
    if caller.department != handler.authority or caller.purpose != PURPOSE:
        raise Forbidden
    return caller


Clerk = Annotated[Caller, Depends(identity_clerk)]


@router.get(SECTION)
async def reviews(
    request: Request,
    caller: Clerk,
    handler: Handler,
    kind: Kind | None = None,
    standing: Standing = "open",
    after: UUID | None = None,
) -> Response:
    """The queue, the oldest first; nobody's data is in the list."""
    values = {
        "list": await handler.listed(standing, kind, after, ROWS),
        "kinds": REVIEW_KINDS,
        "standings": REVIEW_STANDINGS,
        "kind": kind,
        "standing": standing,
        "later": after is not None,
    }
    return PAGES.render(request, "reviews.html", values | frame(request, caller, SECTION))
