"""/worklist: what there is to do today, on a phone, on paper, with scripts or without."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.responses import Response

from services.alerts.needs import handlers as needs
from services.alerts.needs.rules import Need
from services.alerts.sessions.callers import CareStaff, CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.frame import PAGES, WITH_SCRIPT, frame
from services.alerts.worklist import changes, handlers, helps
from services.alerts.worklist.routes import After, Filter
from services.alerts.worklist.rules import Kind, Wanted, When
from shared.feed.values import Cursor
from shared.sessions.login import login_routes
from shared.sessions.pages import SEE_OTHER, page_route

ROWS = 50
ON_PAPER = 200
LOGIN = login_routes(PAGES, "/worklist")
router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/")
async def root() -> Response:
    """The worklist is the front page."""
    return RedirectResponse("/worklist", SEE_OTHER)


HEADED = (Need.DECISION, Need.MOVED, Need.ENDING, Need.EXPIRED)
"""What is counted above the list: what somebody must do soon. Who rests, or is linked to nobody, may stay so."""
SAID = frozenset({"noted", "undone", "reported", "otherwise", "over", "withdrawn", "open"})


@router.get("/worklist")
async def worklist(
    request: Request,
    caller: CareStaff,
    filtered: Filter,
    after: After = None,
    said: Annotated[str | None, Query(max_length=20)] = None,
    recorded: UUID | None = None,
    of: UUID | None = None,
) -> Response:
    """The tasks of the reader's facility, those first whose time ends first. `said`: what was done a moment ago;
    `recorded`, `of`: the contact and episode of an outcome that can be taken back. Supervisors are led to theirs."""
    if "care-worker" not in caller.roles:
        return RedirectResponse("/supervision", SEE_OTHER)
    alerts = alerts_of(request)
    page = await handlers.worklist(alerts, caller, filtered, after, ROWS)
    waiting = await needs.counts(alerts, caller)
    values = shown(filtered, page) | {
        "today": alerts.today(),
        "needs": [(need, waiting[need]) for need in HEADED if waiting[need]],
        "said": said if said in SAID else None,
        "recorded": (of, recorded) if of and recorded else None,
        "later": after is not None,
        "here": request.url.path + link(filtered, when=filtered.when, after=after),
        "back": link(filtered, when=filtered.when, after=after),
        "schedules": {name: alerts.care.catalogue[name, version].title for name, version in alerts.care.catalogue},
    }
    return PAGES.render(request, "worklist.html", values | frame(request, caller), headers=WITH_SCRIPT)


@router.get("/worklist/paper")
async def paper(request: Request, caller: CareStaff, filtered: Filter, after: After = None) -> Response:
    """The same to print and take along: a table with a column to write in, and nothing to press."""
    alerts = alerts_of(request)
    page = await handlers.worklist(alerts, caller, filtered, after, ON_PAPER)
    return PAGES.render(
        request, "paper.html", shown(filtered, page) | {"today": alerts.today()} | frame(request, caller)
    )


@router.get("/worklist/changes")
async def listen(request: Request, caller: CareStaff, after: Annotated[str, Query(max_length=80)]) -> Response:
    """How much has changed since the page was made, as it changes: a number, and nothing about anybody."""
    alerts = alerts_of(request)
    reader = alerts.streams.listening(caller)
    counted = changes.counted(alerts.service, caller.facility or "", Cursor.parse(after), reader)
    return StreamingResponse(counted, media_type="text/event-stream", headers=changes.HEADERS)


@router.get("/worklist/{help_id}/refusal")
async def question(request: Request, help_id: UUID, caller: CareWorker) -> Response:
    """Ask before it closes. Only help with birth registration is looked up: no care record is opened for it."""
    task = await helps.one(alerts_of(request), caller, help_id, handlers.ACTION)
    return PAGES.render(request, "refusal.html", {"task": task} | frame(request, caller))


@router.post("/worklist/{help_id}/refusal")
async def refuse(request: Request, help_id: UUID, caller: CareWorker) -> Response:
    """Close it, and show the list again."""
    await alerts_of(request).helps.refuse(caller, help_id)
    return RedirectResponse("/worklist?said=noted", SEE_OTHER)


def shown(wanted: Wanted, page: handlers.Worklist) -> dict[str, object]:
    """What the list and its paper have in common."""
    return {
        "list": page,
        "wanted": wanted,
        "kind": next(iter(wanted.kinds), None),
        "kinds": list(Kind),
        "tabs": {when: link(wanted, when=when) for when in (None, *When)},
        "next": link(wanted, when=wanted.when, after=page.next_after),
        "filters": link(wanted, when=wanted.when),
    }


def link(wanted: Wanted, *, when: When | None, after: str | None = None) -> str:
    """The query of a list that is filtered so; empty for the list as it opens."""
    said: Mapping[str, object] = {
        "when": when and when.value,
        "kind": next((kind.value for kind in wanted.kinds), None),
        "mine": "true" if wanted.mine else None,
        "schedule": wanted.schedule,
        "after": after,
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"?{query}" if query else ""
