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
    """Every feed with head and count, how far the registry is followed, what is parked, and how the checks stand."""
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return {**await figures(connection), "reconciler": await standing(connection)}
