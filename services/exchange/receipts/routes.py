"""GET /v1/receipts: what became of what a department reported; and a held event tried again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator

from services.exchange.receipts import handlers
from services.exchange.receipts.rules import ON_ITS_WAY_FOR, Status, Wanted
from services.exchange.receipts.schemas import LookingAgain, Receipt, Receipts
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.contracts.envelope import BATCH_ID, instant

router = APIRouter(tags=["receipts"])

Department = Annotated[Caller, Depends(require("reporter", "follower", "clerk", department=True))]
Reporter = Annotated[Caller, Depends(require("reporter", "clerk", department=True))]
Shared = Annotated[Service, Depends(service_of)]
Word = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z-]+$")]
Type = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z]+\.[a-z]+$", description="such as birth.certified")]
Batch = Annotated[str | None, Query(pattern=BATCH_ID)]
Moment = Annotated[datetime, BeforeValidator(instant)]
LONGEST_WAIT = 100 * 24 * 60
Minutes = Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="How long an accepted event may be on its way.")]
ON_ITS_WAY_MINUTES = int(ON_ITS_WAY_FOR.total_seconds()) // 60


@router.get("/v1/receipts/{receipt}")
async def receipt(receipt: UUID, caller: Department, service: Shared) -> Receipt:
    """One receipt of the caller's department; another department's is not found."""
    return await handlers.one(service, caller.department or "", receipt)


@router.post("/v1/receipts/{receipt}/retry", status_code=202, summary="Try a held event again")
async def retry(receipt: UUID, caller: Reporter, service: Shared) -> LookingAgain:
    """The registry looks at the event again, as if it had just come. 409 for one that is not held.

    If it can be applied now, the receipt says so. If not, it stays held with its day, and nothing is told. Asking again
    within a minute changes nothing.
    """
    return await handlers.retry(service, caller.department or "", receipt)


@router.get("/v1/receipts")
async def receipts(
    caller: Department,
    service: Shared,
    status: Status | None = None,
    reason: Word = None,
    type: Type = None,
    batch: Batch = None,
    since: Moment | None = None,
    until: Moment | None = None,
    overdue: Annotated[bool, Query(description="Only what should have been settled by now.")] = False,
    minutes: Minutes = ON_ITS_WAY_MINUTES,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Receipts:
    """The caller department's receipts in the order of acceptance, by status, reason, type, bulk load and the time of
    acceptance. `overdue=true`: held past their day, or accepted for longer than `minutes` without an outcome."""
    wanted = Wanted(status, reason, type, since, until, batch, overdue)
    page = await handlers.many(service, caller.department or "", wanted, handlers.clock_now(minutes), after, limit)
    return Receipts(receipts=page, next_after=page[-1].receipt if len(page) == limit else None)
