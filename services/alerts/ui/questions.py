"""/questions: what women ask about accesses by the facility's workers, for its supervisors to answer."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.questions import handlers
from services.alerts.questions.schemas import Answer
from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/questions")
async def read(request: Request, caller: Supervisor, sent: bool = False) -> Response:
    """What waits for an answer, the one due first first. `sent`: one was answered a moment ago."""
    return await page(request, caller, sent=sent)


async def page(
    request: Request, caller: Caller, *, sent: bool = False, faults: list[str] | None = None, status: int = 200
) -> Response:
    """The list, with what was wrong with an answer where something was."""
    values = {"questions": await handlers.listed(alerts_of(request), caller), "sent": sent, "faults": faults or []}
    return PAGES.render(request, "questions.html", values | frame(request, caller, "/questions"), status=status)


@router.post("/questions/{question}")
async def answer(request: Request, question: UUID, caller: Supervisor) -> Response:
    """Answer her, once."""
    form = await texts_of(request)
    try:
        told = body(Answer, filled(form, "text"))
        await handlers.answer(alerts_of(request), caller, question, told.text)
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, faults=said(request, refusal), status=refusal.status)
    return RedirectResponse("/questions?sent=true", SEE_OTHER)
