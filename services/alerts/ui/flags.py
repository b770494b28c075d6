"""/flags: what rules noticed of accesses by the facility's workers, for its supervisors to decide about."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.misuse import handlers
from services.alerts.misuse.schemas import Decision
from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

ROWS = 50
router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/flags")
async def read(request: Request, caller: Supervisor, decided: bool = False, after: UUID | None = None) -> Response:
    """Those that wait for a decision, or those that have one."""
    return await page(request, caller, decided=decided, after=after)


async def page(
    request: Request,
    caller: Caller,
    *,
    decided: bool = False,
    after: UUID | None = None,
    faults: list[str] | None = None,
    status: int = 200,
) -> Response:
    """The list, with what was wrong with a decision where something was."""
    values = {
        "list": await handlers.listed(alerts_of(request), caller, after, ROWS, decided=decided),
        "decided": decided,
        "later": after is not None,
        "faults": faults or [],
    }
    return PAGES.render(request, "flags.html", values | frame(request, caller, "/flags"), status=status)


@router.post("/flags/{flag}")
async def decide(request: Request, flag: UUID, caller: Supervisor) -> Response:
    """Decide about a flag, with a reason."""
    form = await texts_of(request)
    try:
        await handlers.decide(alerts_of(request), caller, flag, body(Decision, filled(form, "decision", "reason")))
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, faults=said(request, refusal), status=refusal.status)
    return RedirectResponse("/flags?decided=true", SEE_OTHER)
