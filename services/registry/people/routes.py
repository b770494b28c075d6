"""People: look-up by reference and timeline, on both time axes; who was told of them, for those who watch."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BeforeValidator

from services.registry.people import history
from services.registry.people.collecting import Together
from services.registry.people.handlers import NOW, Instant, LookUps
from services.registry.people.schemas import Disclosures, PersonFound, Timeline
from shared.auth.caller import Caller
from shared.auth.require import caller as caller_of
from shared.auth.require import require
from shared.contracts.envelope import instant
from shared.contracts.values import Day
from shared.errors import Forbidden

AUDIT = "audit"

router = APIRouter(tags=["people"])

official = require("reporter", "follower", "clerk", department=True, purpose=True)
Official = Annotated[Caller, Depends(official)]


class AsNow(APIRoute):
    """Described from its signature, as any route; but of people as they are now, which is almost every look-up, caller
    and reference are asked for directly: that the framework finds them out takes a third of its time."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override] # never None
        """As FastAPI documents routes with a handler of their own."""
        described: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def served(request: Request) -> Response:
            if request.scope["query_string"]:
                return await described(request)
            caller = await official(request, await caller_of(request))
            found = await (await collecting(request)).person(caller, request.path_params["reference"])
            return Response(found.model_dump_json(), media_type="application/json")

        return served


async def look_ups(request: Request) -> LookUps:
    """The handler of look-ups, one per process."""
    handler: LookUps = request.app.state.look_ups
    return handler


async def collecting(request: Request) -> Together:
    """What answers look-ups that come at the same time."""
    handler: Together = request.app.state.together
    return handler


Handler = Annotated[LookUps, Depends(look_ups)]
ValidAt = Annotated[Day | None, Query(description="As it was on this day (Asia/Shanghai).")]
# Strict: an instant without an offset compares with nothing, and a bare number would be taken for seconds.
Known = Annotated[datetime, BeforeValidator(instant)]
KnownAt = Annotated[Known | None, Query(description="As it was known at this instant (RFC 3339 with offset).")]


async def person(
    reference: str,
    caller: Official,
    handler: Handler,
    together: Annotated[Together, Depends(collecting)],
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
) -> PersonFound:
    """One person by the department's own reference. 403: no agreement for this purpose; 404: unknown or not yours."""
    instant = Instant(valid_at, known_at)
    return await (together.person(caller, reference) if instant == NOW else handler.person(caller, reference, instant))


router.add_api_route("/v1/people/{reference}", person, methods=["GET"], route_class_override=AsNow)


@router.get("/v1/people/{reference}/timeline")
async def timeline(
    reference: str, caller: Official, handler: Handler, valid_at: ValidAt = None, known_at: KnownAt = None
) -> Timeline:
    """What changed from which day on, who said so, and when it was known, in the fields that the caller's agreements
    show. 403: no agreement for this purpose; 404: unknown or not yours."""
    return await history.timeline(handler, caller, reference, Instant(valid_at, known_at))


def audits(caller: Caller) -> None:
    """Raise Forbidden for whoever is not there to watch over the access log of the city."""
    if caller.purpose != AUDIT:
        raise Forbidden


Watcher = Annotated[
    Caller, Depends(require("protection-officer", "administrator", city=True, purpose=True, also=audits))
]


@router.get("/v1/people/{reference}/disclosures")
async def disclosures(
    reference: str,
    caller: Watcher,
    handler: Handler,
    response: Response,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Disclosures:
    """Who was told what of a person, for what and on which basis, the newest first. Any department's reference will
    do, or the person's own. That it was looked at is written down, and the person sees it."""
    response.headers["cache-control"] = "no-store"
    return await history.disclosures(handler, caller, reference, after, limit)
