"""Corrections: what a department was told wrongly and must acknowledge, and what became of what it corrected itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.exchange.corrections import repository
from services.exchange.corrections.schemas import (
    Acknowledged,
    Acknowledgement,
    CorrectionMade,
    Corrections,
    CorrectionsMade,
    CorrectionTold,
    Status,
)
from shared import clock
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.db import transaction
from shared.written import CallerFirst

router = APIRouter(tags=["corrections"], route_class=CallerFirst)

Follower = Annotated[Caller, Depends(require("follower", department=True, everywhere=True))]
Department = Annotated[Caller, Depends(require("reporter", "follower", "clerk", department=True, everywhere=True))]
Reporter = Annotated[Caller, Depends(require("reporter", "clerk", department=True))]
Shared = Annotated[Service, Depends(service_of)]
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.post("/v1/feed/acknowledgements", summary="Acknowledge corrections")
async def acknowledge(body: Acknowledgement, caller: Follower, service: Shared) -> Acknowledged:
    """Say that values told wrongly are right now, or gone, at the caller's department. `entries`: the ids of the
    value.corrected and value.withdrawn entries of its feed. The first time counts, repeats do no harm. Ids of
    other departments' entries, of entries that correct nothing, and unknown ones are `not_found` alike."""
    async with transaction(service.pool) as connection:
        own = await repository.acknowledge(connection, caller.department or "", body.entries, caller.subject)
    asked = list(dict.fromkeys(body.entries))
    return Acknowledged(
        acknowledged=[entry for entry in asked if entry in own],
        not_found=[entry for entry in asked if entry not in own],
    )


@router.get("/v1/corrections", summary="Corrections told to my department")
async def corrections(
    caller: Department, service: Shared, status: Status | None = None, after: UUID | None = None, limit: Limit = 100
) -> Corrections:
    """In the order in which they were told. `overdue`: not acknowledged by the day that was named."""
    async with service.pool.acquire() as connection:
        found = await repository.page(connection, caller.department or "", status, after, limit, clock.today())
    page = [
        CorrectionTold.model_validate({**row, "correction": row["correction_id"], "entry": row["entry_id"]})
        for row in found
    ]
    return Corrections(corrections=page, next_after=page[-1].correction if len(page) == limit else None)


@router.get("/v1/corrections/told", summary="What became of what my department corrected")
async def told(caller: Reporter, service: Shared, after: UUID | None = None, limit: Limit = 100) -> CorrectionsMade:
    """By receipt of the caller's own corrections and annulments that were applied: whether all others who had to
    acknowledge have, once the last day is over. No counts."""
    async with service.pool.acquire() as connection:
        found = await repository.made(connection, caller.department or "", after, limit, clock.today())
    page = [CorrectionMade.model_validate(dict(row)) for row in found]
    return CorrectionsMade(corrections=page, next_after=page[-1].receipt if len(page) == limit else None)
