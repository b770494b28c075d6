"""GET /v1/overview of the registry, for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.registry.overview import repository
from services.registry.people.routes import Handler
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require

router = APIRouter(tags=["overview"])


@router.get("/v1/overview")
async def overview(
    caller: Annotated[Caller, Depends(require("administrator", city=True))],
    service: Annotated[Service, Depends(service_of)],
    look_ups: Handler,
) -> dict[str, Any]:
    """How much was applied, held and parked, and how far each feed is followed."""
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return await repository.overview(connection, look_ups.quotas)
