"""HTTP of episodes that need a look."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.alerts.needs import handlers
from services.alerts.needs.rules import Need
from services.alerts.needs.schemas import NeedsBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of

router = APIRouter(tags=["episodes"])

After = Annotated[str | None, Query(max_length=400, description="`next_after` of the page before, of the same list.")]


@router.get("/v1/episodes")
async def read(
    request: Request,
    response: Response,
    caller: CareWorker,
    needs: Annotated[Need, Query(description="Which list; there is none of all episodes.")],
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 50,
) -> NeedsBody:
    """The facility's episodes that need a look though no contact is due. Each one shown is written into the access
    log."""
    response.headers["cache-control"] = "no-store"
    return NeedsBody.of(await handlers.listed(alerts_of(request), caller, needs, after, limit))
