"""Recording what became of a task: one tap for "done today", a page of its own for all else, and always a way back."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.contacts import handlers as contacts
from services.alerts.contacts.schemas import OutcomeBody
from services.alerts.reports import handlers as reports
from services.alerts.reports.schemas import ReportBody, Wrong
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.birth import kept_of
from services.alerts.ui.delivery import birth_page
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from services.alerts.worklist import handlers
from services.alerts.worklist.task import Task
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.errors_tree import Problem
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

BACK = re.compile(r"(\?[A-Za-z0-9=&_.%+-]{0,600})?")
Back = Annotated[str, Query(max_length=700)]
OTHERS = ("declined", "moved", "not-applicable")


@router.get("/worklist/{task}")
async def read(request: Request, task: UUID, caller: CareWorker, back: Back = "") -> Response:
    """One task with everything that can be said of it."""
    return await page(request, caller, task, back)


async def page(
    request: Request, caller: Caller, task: UUID, back: str, faults: list[str] | None = None, status: int = 200
) -> Response:
    """The task, with what was wrong with a form where something was."""
    alerts = alerts_of(request)
    shown: Task = await handlers.one(alerts, caller, task)
    values = {
        "task": shown,
        "back": came_from(back),
        "faults": faults or [],
        "today": alerts.today(),
        "others": OTHERS,
        "wrongs": list(Wrong),
        "notes": await reports.of_task(alerts, caller, task),
    }
    return PAGES.render(request, "task.html", values | frame(request, caller), status=status)


@router.post("/episodes/{episode}/contacts/{contact}/outcome")
async def record(request: Request, episode: UUID, contact: UUID, caller: CareWorker) -> Response:
    """What became of a contact; then the list again, with a way to take it back."""
    form = await texts_of(request)
    back = came_from(form.get("back", ""))
    told = filled(form, "kind", "on", "note") | ({"refer": True} if "refer" in form else {})
    try:
        await contacts.record_outcome(alerts_of(request).care, caller, episode, contact, body(OutcomeBody, told))
    except Invalid as refusal:
        return await page(request, caller, contact, back, said(request, refusal), refusal.status)
    except Conflict as refusal:
        if refusal.slug == "birth-first":
            if told == {"kind": "done"}:  # one tap: nothing was filled in
                return RedirectResponse(f"/episodes/{episode}/birth", SEE_OTHER)
            kept = kept_of(contact, {"on": alerts_of(request).today()} | told)
            return await birth_page(request, caller, episode, kept, status=refusal.status)
        return to_list(back, f"said={meanwhile(refusal)}")
    return to_list(back, f"recorded={contact}&of={episode}")


@router.post("/episodes/{episode}/contacts/{contact}/undo")
async def undo(request: Request, episode: UUID, contact: UUID, caller: CareWorker) -> Response:
    """Take it back, and show the list again."""
    form = await texts_of(request)
    back = came_from(form.get("back", ""))
    try:
        await contacts.undo_outcome(alerts_of(request).care, caller, episode, contact)
    except Conflict as refusal:
        return to_list(back, f"said={meanwhile(refusal)}")
    return to_list(back, "said=undone")


@router.post("/worklist/{task}/wrong")
async def wrong(request: Request, task: UUID, caller: CareWorker) -> Response:
    """This task is wrong."""
    form = await texts_of(request)
    back = came_from(form.get("back", ""))
    try:
        await reports.report(alerts_of(request), caller, task, body(ReportBody, filled(form, "wrong", "note")))
    except Invalid as refusal:
        return await page(request, caller, task, back, said(request, refusal), refusal.status)
    return to_list(back, "said=reported")


def came_from(back: str) -> str:
    """The list's query, if that is what it is; never another address."""
    return back if BACK.fullmatch(back) else ""


def to_list(back: str, said: str) -> Response:
    """The list as it was, with what was done."""
    return RedirectResponse(f"/worklist{back}{'&' if back else '?'}{said}", SEE_OTHER)


def meanwhile(refusal: Problem) -> str:
    """Which message tells why nothing was recorded."""
    return "otherwise" if refusal.slug == "outcome-recorded" else "over"
