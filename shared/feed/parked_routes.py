"""GET /v1/parked and POST /v1/parked/{id}/retry, the same in every service that parks entries."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.feed.parked import unsettled
from shared.feed.retry import Retries

router = APIRouter(tags=["parked"])

Administrator = Annotated[Caller, Depends(require("administrator", city=True))]
Origin = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class ParkedEntry(BaseModel):
    """What could not be handled: where it came from, and the kind of fault. Never what it says."""

    parked_id: UUID
    origin: str
    entry_id: UUID | None
    fault: str
    parked_at: datetime


class ParkedEntries(BaseModel):
    """A page of what waits for someone, oldest first; ask on with `after=next_after` until it is null."""

    parked: list[ParkedEntry]
    next_after: UUID | None


class Settled(BaseModel):
    """A parked entry was handled after all."""

    parked_id: UUID
    status: str = "settled"


@router.get("/v1/parked")
async def parked(
    caller: Administrator,
    service: Annotated[Service, Depends(service_of)],
    origin: Origin = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ParkedEntries:
    """What could not be handled and waits for someone, of one origin (a feed, a topic, a subscription) or of all."""
    async with service.pool.acquire() as connection:
        found = await unsettled(connection, limit, after, origin)
    page = [ParkedEntry.model_validate(row) for row in found]
    return ParkedEntries(parked=page, next_after=page[-1].parked_id if len(page) == limit else None)


@router.post("/v1/parked/{parked_id}/retry", summary="Try a parked entry again")
async def retry(parked_id: UUID, caller: Administrator, request: Request) -> Settled:
    """Hands it to its handler again, once, in one transaction: it is settled, or it stays parked and the answer is 409
    with the kind of fault. 409 `retried-elsewhere` for what has a call of its own."""
    retries: Retries = request.app.state.retries
    await retries.retry(parked_id)
    return Settled(parked_id=parked_id)
