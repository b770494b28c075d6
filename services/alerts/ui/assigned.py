"""/episodes/{episode}/workers: who of the facility is named for an episode, with days; who stands in for whom."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.assignments import handlers
from services.alerts.assignments.schemas import WorkersBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

MOST = 10  # workers of one episode
MORE = 2  # rows for workers who are not named yet
Rows = list[dict[str, str]]


@router.get("/episodes/{episode}/workers")
async def read(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Who is named, and rows for more."""
    named = await handlers.read(alerts_of(request).care, caller, episode)
    rows = [
        {"subject": each.subject, "from": each.valid_from.isoformat(), "until": iso(each.valid_until)} for each in named
    ]
    return await page(request, caller, episode, rows)


async def page(
    request: Request, caller: Caller, episode: UUID, rows: Rows, faults: list[str] | None = None, status: int = 200
) -> Response:
    """The form, with what was wrong with it."""
    alerts = alerts_of(request)
    today, staff = alerts.today(), await alerts.staff.listed(caller)
    ahead = [each for each in staff if each.ended_at is None and not each.past(today)]
    values = {
        "episode": episode,
        "rows": (rows + [{}] * MORE)[:MOST],
        "listed": sorted({each.subject for each in ahead if each.role == "care-worker"}),
        "stand_ins": [each for each in ahead if each.stands_in_for],
        "faults": faults or [],
    }
    return PAGES.render(request, "workers.html", values | frame(request, caller, ""), status=status)


@router.post("/episodes/{episode}/workers")
async def put(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Name these and nobody else."""
    form = await texts_of(request)
    rows = [row for number in range(1, MOST + 1) if (row := row_of(form, number)).get("subject")]
    try:
        await handlers.put(alerts_of(request).care, caller, episode, body(WorkersBody, {"workers": rows}))
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, episode, rows, said(request, refusal), refusal.status)
    return RedirectResponse(f"/episodes/{episode}?noted=workers", SEE_OTHER)


def row_of(form: dict[str, str], number: int) -> dict[str, str]:
    """One row of the form, of what was filled in."""
    told = filled(form, *(f"{name}_{number}" for name in ("subject", "from", "until")))
    return {name.removesuffix(f"_{number}"): str(text) for name, text in told.items()}


def iso(day: date | None) -> str:
    """As a form's field holds it."""
    return day.isoformat() if day else ""
