"""The pages of a department: /department with its receipts, feed, cases and agreements; and who may log in to see them.

Plain links and forms; nothing runs in the browser. Names and identity numbers never stand here: receipts and entries
are shown by their types, numbers and the department's own references.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.exchange.agreements.reading import Wanted, listed
from services.exchange.agreements.repository import Actor
from services.exchange.agreements.rules import OPEN
from services.exchange.cases import repository as cases
from services.exchange.feeds.reading import DepartmentFeeds, feeds_of
from services.exchange.receipts import handlers as receipts
from services.exchange.ui import repository
from services.exchange.ui.feed import feed_shown
from services.exchange.ui.frame import PAGES, CaseReader, Department, Follower, Retrying, frame, titles
from services.exchange.ui.overview import router as overview
from shared import clock
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.errors import Conflict
from shared.sessions.callers import signed_in
from shared.sessions.login import login_routes
from shared.sessions.pages import SEE_OTHER, page_route
from shared.sharing.fields import MEANINGS

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))
PAGE_ROUTERS = (login_routes(PAGES, "/"), router, overview)

Shared = Annotated[Service, Depends(service_of)]
Own = Annotated[DepartmentFeeds, Depends(feeds_of)]
CaseStatus = Literal["asked", "open", "not-found", "ended"]
Status = Literal["accepted", "applied", "held", "rejected", "overdue"]
Note = Literal["retried", "not-held"]
ROWS = 50
MOST_AGREEMENTS = 500
STANDING = OPEN | {"approved"}
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
    request: Request,
    caller: Follower,
    service: Shared,
    feeds: Own,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """The department's feed: its newest entries by type and reference, and its subscriptions."""
    async with service.pool.acquire() as connection:
        shown = await feed_shown(
            connection, feeds, service.settings.kafka_topics, caller.department or "", before, ROWS
        )
    values = {"feed": shown, "later": before is not None}
    return PAGES.render(request, "feed.html", values | page(request, caller, "/feed"))


@router.get("/department/cases")
async def cases_page(
    request: Request, caller: CaseReader, service: Shared, status: CaseStatus | None = None, after: UUID | None = None
) -> Response:
    """On whom the department holds cases: its own references, for what and until when."""
    async with service.pool.acquire() as connection:
        found = await cases.page(connection, caller.department or "", status, after, ROWS + 1)
    values = {
        "rows": [dict(row) for row in found[:ROWS]],
        "status": status,
        "later": after is not None,
        "after": found[ROWS - 1]["case"] if len(found) > ROWS else None,
    }
    return PAGES.render(request, "cases.html", values | page(request, caller, "/cases"))


@router.get("/department/agreements")
async def agreements_page(request: Request, caller: Department, service: Shared) -> Response:
    """What the department may be told, and what others may be told of what it gives."""
    official = Actor(caller.subject, "official", caller.department)
    async with service.pool.acquire() as connection:
        found, _ = await listed(connection, official, Wanted(), None, MOST_AGREEMENTS)
    standing = [each for each in found if each.standing in STANDING]
    values = {
        "receives": [each for each in standing if each.agreement.department == caller.department],
        "gives": [each for each in standing if each.agreement.department != caller.department],
        "over": [each for each in found if each.standing not in STANDING],
        "titles": titles(request),
        "meanings": MEANINGS,
    }
    return PAGES.render(request, "agreements.html", values | page(request, caller, "/agreements"))


def page(request: Request, caller: Caller, section: str) -> dict[str, object]:
    """What stands around a section."""
    return {"section": section} | frame(request, caller)
