"""GET /v1/overview, for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.exchange.overview import repository
from services.exchange.receipts.handlers import clock_now
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require

router = APIRouter(tags=["overview"])

Administrator = Annotated[Caller, Depends(require("administrator", city=True))]
Shared = Annotated[Service, Depends(service_of)]


@router.get("/v1/overview")
async def overview(caller: Administrator, service: Shared) -> dict[str, Any]:
    """Per department what was accepted, applied, held, rejected and is overdue; every feed with head and count; what is
    parked; corrections that no receiver has acknowledged; which departments asked for as many cases today as they may.
    """
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return await repository.overview(connection, clock_now(), service.settings)
