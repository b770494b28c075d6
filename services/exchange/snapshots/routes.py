"""GET /v1/snapshot: begin to follow a feed without reading all of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.exchange.snapshots import handlers
from services.exchange.snapshots.schemas import Snapshot
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require

router = APIRouter(tags=["feeds"])

Follower = Annotated[Caller, Depends(require("follower", department=True, everywhere=True))]
Shared = Annotated[Service, Depends(service_of)]


@router.get("/v1/snapshot", summary="What my department holds, and where to follow on")
async def snapshot(
    caller: Follower,
    request: Request,
    service: Shared,
    response: Response,
    after: Annotated[str | None, Query(max_length=1_000, description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Most people looked at for one page.")] = 500,
) -> Snapshot:
    """Everyone on whom a case stands, page by page. A page may hold fewer people than asked for; the last one has no
    `next_after`. 409 feed-reset: the feed began anew, and so does the snapshot. Each person given is written down."""
    response.headers["cache-control"] = "no-store"
    return await handlers.snapshot(service, request.app.state.agreements, caller.department or "", after, limit)
