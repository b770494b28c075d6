"""Pages: /worklist and the question before a refusal. Plain forms; nothing runs in the browser."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.sessions.callers import CareStaff
from services.alerts.state import alerts_of
from services.alerts.worklist import handlers
from services.alerts.worklist.reasons import BIRTH_REGISTRATION, SOURCE
from shared.auth.caller import Caller
from shared.sessions.pages import SEE_OTHER, login_routes, page_route
from shared.web.language import page_language
from shared.web.pages import Pages

PAGES = Pages(Path(__file__).parent)
ROWS = 50
LOGIN = login_routes(PAGES, "/worklist")
router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/")
async def root() -> Response:
    """The worklist is the front page."""
    return RedirectResponse("/worklist", SEE_OTHER)


@router.get("/worklist")
async def worklist(
    request: Request,
    caller: CareStaff,
    after: Annotated[str | None, Query(max_length=300)] = None,
    noted: Annotated[bool, Query()] = False,
) -> Response:
    """Open help of the reader's facility."""
    alerts = alerts_of(request)
    values = {
        "list": await handlers.worklist(alerts, caller, after, ROWS),
        "today": alerts.today(),
        "noted": noted,
        "later": after is not None,
        "reason": BIRTH_REGISTRATION,
        "source": SOURCE,
    }
    return PAGES.render(request, "worklist.html", values | frame(request, caller))


@router.get("/worklist/{help_id}/refusal")
async def question(request: Request, help_id: UUID, caller: CareStaff) -> Response:
    """Ask before it closes."""
    task = await handlers.one(alerts_of(request), caller, help_id)
    return PAGES.render(request, "refusal.html", {"task": task} | frame(request, caller))


@router.post("/worklist/{help_id}/refusal")
async def refuse(request: Request, help_id: UUID, caller: CareStaff) -> Response:
    """Close it, and show the list again."""
    await alerts_of(request).helps.refuse(caller, help_id)
    return RedirectResponse("/worklist?noted=true", SEE_OTHER)


def frame(request: Request, caller: Caller) -> dict[str, object]:
    """Who is signed in, and where."""
    facility = alerts_of(request).facilities.get(caller.facility)
    assert facility is not None
    name = facility.zh if page_language(request) == "zh-CN" else facility.en
    return {"facility": name, "subject": caller.subject}
