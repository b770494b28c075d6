"""People: look-up by reference, on both time axes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BeforeValidator

from services.registry.people.handlers import Instant, LookUps
from services.registry.people.schemas import PersonFound
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.contracts.envelope import instant
from shared.contracts.values import Day

router = APIRouter(tags=["people"])

Official = Annotated[Caller, Depends(require("reporter", "follower", "clerk", department=True, purpose=True))]


def look_ups(request: Request) -> LookUps:
    """The handler of look-ups, one per process."""
    handler: LookUps = request.app.state.look_ups
    return handler


Handler = Annotated[LookUps, Depends(look_ups)]
ValidAt = Annotated[Day | None, Query(description="As it was on this day (Asia/Shanghai).")]
# Strict: an instant without an offset compares with nothing, and a bare number would be taken for seconds.
Known = Annotated[datetime, BeforeValidator(instant)]
KnownAt = Annotated[Known | None, Query(description="As it was known at this instant (RFC 3339 with offset).")]


@router.get("/v1/people/{reference}")
async def person(
    reference: str, caller: Official, handler: Handler, valid_at: ValidAt = None, known_at: KnownAt = None
) -> PersonFound:
    """One person by the department's own reference. 403: no agreement for this purpose; 404: unknown or not yours."""
    return await handler.person(caller, reference, Instant(valid_at, known_at))
