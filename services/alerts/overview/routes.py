"""GET /v1/overview of alerts, for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.feed.figures import figures
from shared.reconciliation.repository import standing

router = APIRouter(tags=["overview"])


@router.get("/v1/overview")
async def overview(
    caller: Annotated[Caller, Depends(require("administrator", city=True))],
    service: Annotated[Service, Depends(service_of)],
) -> dict[str, Any]:
    """How far the registry is followed, what is parked, which feeds are incomplete, and how the checks stand.

    Of a facility's feed no number is told: how many entries it has tells how much care is given (protection rule 4).
    """
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        found = {**await figures(connection), "reconciler": await standing(connection)}
    feeds: Any = found.pop("feeds")
    return {"feeds": [], "incomplete": [each["feed"] for each in feeds if each["head"] != each["entries"]], **found}
