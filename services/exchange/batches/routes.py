"""GET /v1/batches: what became of a department's bulk corrections."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from services.exchange.batches import repository
from services.exchange.batches.schemas import Batch, Batches
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.contracts.envelope import BATCH_ID
from shared.errors import NotFound

router = APIRouter(tags=["receipts"])

Department = Annotated[Caller, Depends(require("reporter", "follower", "clerk", department=True))]
Shared = Annotated[Service, Depends(service_of)]


@router.get("/v1/batches")
async def batches(
    caller: Department,
    service: Shared,
    after: Annotated[str | None, Query(pattern=BATCH_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Batches:
    """The caller department's bulk loads (`batchid` of its CloudEvents) in the order of their ids, with counts."""
    async with service.pool.acquire() as connection:
        found = await repository.many(connection, caller.department or "", after or "", limit)
    page = [Batch.model_validate(row) for row in found]
    return Batches(batches=page, next_after=page[-1].batch if len(page) == limit else None)


@router.get("/v1/batches/{batchid}")
async def batch(batchid: Annotated[str, Path(pattern=BATCH_ID)], caller: Department, service: Shared) -> Batch:
    """One bulk load; `GET /v1/receipts?batch=` lists its receipts."""
    async with service.pool.acquire() as connection:
        found = await repository.one(connection, caller.department or "", batchid)
    if found is None:
        raise NotFound
    return Batch.model_validate(found)
