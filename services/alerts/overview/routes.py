"""GET /v1/overview of alerts, for administrators: whether all is well, and nothing of how much care is given."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.alerts.overview.repository import overview
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require

router = APIRouter(tags=["overview"])


@router.get("/v1/overview")
async def read(
    caller: Annotated[Caller, Depends(require("administrator", city=True))],
    service: Annotated[Service, Depends(service_of)],
) -> dict[str, Any]:
    """How far the registry is followed, what is parked, which feeds lack entries, and how the checks stand. Feeds
    themselves are not shown: how long a facility's is tells how much care is given there (protection rule 4)."""
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return await overview(connection)
