"""GET /v1/overview and the parked list, for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.exchange.overview import repository
from services.exchange.receipts.handlers import clock_now
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.feed.parked import unsettled

router = APIRouter(tags=["overview"])

Administrator = Annotated[Caller, Depends(require("administrator"))]
Shared = Annotated[Service, Depends(service_of)]


@router.get("/v1/overview")
async def overview(caller: Administrator, service: Shared) -> dict[str, Any]:
    """Per department what was accepted, applied, held, rejected and is overdue; every feed with head and count; what is
    parked."""
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return await repository.overview(connection, clock_now())


@router.get("/v1/parked")
async def parked(
    caller: Administrator, service: Shared, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> dict[str, Any]:
    """What could not be handled and waits for someone; no bodies."""
    async with service.pool.acquire() as connection:
        return {"parked": await unsettled(connection, limit)}
