"""/statements: a department says why it accessed what somebody questioned, until the protection officer has answered.

It is shown the entry, never who asks nor what they wrote; that it looked is written down, and the person sees it.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from services.registry.questions.routes import Handler, audits
from services.registry.questions.schemas import Say
from services.registry.ui.frame import PAGES, frame
from services.registry.ui.watching import WORDS, Text, lines
from shared import clock
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import NotFound
from shared.sessions.callers import any_caller
from shared.sessions.pages import SEE_OTHER, page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SECTION = "/statements"
ROWS = 25  # each of them is an entry in somebody's log
Accountable = Annotated[
    Caller, Depends(require("administrator", department=True, purpose=True, by=any_caller, also=audits))
]


@router.get(SECTION)
async def statements(
    request: Request, caller: Accountable, handler: Handler, after: UUID | None = None, saved: bool = False
) -> Response:
    """Open questions about the department's own accesses, the one due first first. `saved`: one was just stated."""
    return await page(request, caller, handler, after, saved=saved)


@router.post(SECTION)
async def state(
    request: Request, caller: Accountable, handler: Handler, question: Annotated[UUID, Form()], text: Text = ""
) -> Response:
    """Say why, or say it otherwise. What was answered meanwhile, and what is another's, are one answer."""
    try:
        await handler.state(caller, question, Say(text=lines(text)).text)
    except ValidationError:
        return await page(request, caller, handler, fault="state-empty", said={question: text}, status=422)
    except NotFound as refusal:
        return await page(request, caller, handler, fault="state-late", said={question: text}, status=refusal.status)
    return RedirectResponse(f"{SECTION}?saved=true", SEE_OTHER)


async def page(
    request: Request,
    caller: Caller,
    handler: Handler,
    after: UUID | None = None,
    *,
    saved: bool = False,
    fault: str | None = None,
    said: dict[UUID, str] | None = None,
    status: int = 200,
) -> Response:
    """The page; `said`: what was written and could not be taken, by question."""
    values = {
        "list": await handler.asked_of(caller, after, ROWS),
        "later": after is not None,
        "today": clock.today(),
        "saved": saved,
        "fault": fault,
        "said": said or {},
    }
    return PAGES.render(request, "statements.html", values | frame(request, caller, SECTION) | WORDS, status=status)
