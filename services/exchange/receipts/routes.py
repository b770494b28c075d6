"""GET /v1/receipts: what became of what a department reported."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.exchange.receipts import repository
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import NotFound

router = APIRouter(tags=["receipts"])

Department = Annotated[Caller, Depends(require("reporter", "follower", "clerk", department=True))]
Status = Literal["accepted", "applied", "held", "rejected"]


class Receipt(BaseModel):
    """One accepted event: accepted → applied, held (reason, who decides, due) or rejected (reason)."""

    receipt: UUID
    source: str
    id: str
    type: str
    status: Status
    recorded_at: datetime
    reason: str | None
    decider: str | None
    due: date | None
    settled_at: datetime | None


class Receipts(BaseModel):
    """A page of receipts; ask on with `after=next_after` until it is null."""

    receipts: list[Receipt]
    next_after: UUID | None


@router.get("/v1/receipts/{receipt}")
async def receipt(receipt: UUID, caller: Department, service: Annotated[Service, Depends(service_of)]) -> Receipt:
    """One receipt of the caller's department; another department's is not found."""
    async with service.pool.acquire() as connection:
        found = await repository.one(connection, caller.department or "", receipt)
    if found is None:
        raise NotFound
    return Receipt.model_validate(found)


@router.get("/v1/receipts")
async def receipts(
    caller: Department,
    service: Annotated[Service, Depends(service_of)],
    status: Status | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Receipts:
    """The caller department's receipts in the order of acceptance, by status."""
    async with service.pool.acquire() as connection:
        found = await repository.many(connection, caller.department or "", status, after, limit)
    page = [Receipt.model_validate(row) for row in found]
    return Receipts(receipts=page, next_after=page[-1].receipt if len(page) == limit else None)
