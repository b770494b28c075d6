"""The pages of a department: /department with its receipts, feed, cases and agreements; and who may log in to see them.

Plain links and forms; nothing runs in the browser. Names and identity numbers never stand here: receipts and entries
are shown by their types, numbers and the department's own references.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.exchange.receipts import handlers as receipts
from services.exchange.ui import repository
from services.exchange.ui.feed import feed_shown
from services.exchange.ui.frame import PAGES, Department, Follower, Retrying, frame
from services.exchange.ui.overview import router as overview
from shared import clock
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.errors import Conflict
from shared.sessions.callers import signed_in
from shared.sessions.pages import SEE_OTHER, login_routes, page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))
PAGE_ROUTERS = (login_routes(PAGES, "/"), router, overview)

Shared = Annotated[Service, Depends(service_of)]
Status = Literal["accepted", "applied", "held", "rejected", "overdue"]
Note = Literal["retried", "not-held"]
ROWS = 50
FIRST_ROWS = 10  # of what waits for somebody, on the first page


@router.get("/")
async def root(request: Request) -> Response:
    """To the page that whoever is signed in may see; a department's, where nobody is."""
    caller = await signed_in(request)
    administrates = caller is not None and caller.department is None and "administrator" in caller.roles
    return RedirectResponse("/overview" if administrates else "/department", SEE_OTHER)


@router.get("/department")
async def department(request: Request, caller: Department, service: Shared) -> Response:
    """How the department's receipts stand, and what waits for somebody."""
    now = receipts.clock_now()
    async with service.pool.acquire() as connection:
        counts = await repository.counts(connection, caller.department or "", now)
        held = await repository.newest(connection, caller.department or "", "held", now, None, FIRST_ROWS)
    values = {"counts": counts, "rows": [receipts.receipt_of(row, now) for row in held], "now": clock.now()}
    return PAGES.render(request, "department.html", values | page(request, caller, ""))


@router.get("/department/receipts")
async def receipts_page(
    request: Request,
    caller: Department,
    service: Shared,
    status: Status | None = None,
    before: UUID | None = None,
    note: Note | None = None,
) -> Response:
    """The department's receipts, newest first, by status."""
    now = receipts.clock_now()
    async with service.pool.acquire() as connection:
        counts = await repository.counts(connection, caller.department or "", now)
        found = await repository.newest(connection, caller.department or "", status, now, before, ROWS + 1)
    rows = [receipts.receipt_of(row, now) for row in found[:ROWS]]
    values = {
        "counts": counts,
        "rows": rows,
        "status": status,
        "later": before is not None,
        "before": rows[-1].receipt if len(found) > ROWS else None,
        "note": note,
    }
    return PAGES.render(request, "receipts.html", values | page(request, caller, "/receipts"))


@router.post("/department/receipts/{receipt}/retry")
async def retry(receipt: UUID, caller: Retrying, service: Shared) -> Response:
    """Have a held event looked at again, and show what is held."""
    try:
        await receipts.retry(service, caller.department or "", receipt)
    except Conflict:
        return RedirectResponse("/department/receipts?status=held&note=not-held", SEE_OTHER)
    return RedirectResponse("/department/receipts?status=held&note=retried", SEE_OTHER)


@router.get("/department/feed")
async def feed(
    request: Request, caller: Follower, service: Shared, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    """The department's feed: its newest entries by type and reference, and its subscriptions."""
    async with service.pool.acquire() as connection:
        shown = await feed_shown(connection, service.feeds, caller.department or "", before, ROWS)
    values = {"feed": shown, "later": before is not None}
    return PAGES.render(request, "feed.html", values | page(request, caller, "/feed"))


def page(request: Request, caller: Caller, section: str) -> dict[str, object]:
    """What stands around a section."""
    return {"section": section} | frame(request, caller)
