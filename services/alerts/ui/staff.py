"""/staff: who works at the facility, for its supervisors: listing, stand-ins, a lost device, a worker who left."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.facilities.repository import Listed
from services.alerts.facilities.schemas import StaffWanted
from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid, NotFound
from shared.errors_tree import Problem
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SAID = frozenset({"listed", "left", "revoked", "again"})


@router.get("/staff")
async def read(
    request: Request,
    caller: Supervisor,
    noted: Annotated[str | None, Query(max_length=20)] = None,
    line: UUID | None = None,
) -> Response:
    """Everybody who is, will be or was listed. `noted`: what was done a moment ago; `line`: to whom, to undo it."""
    return await page(request, caller, noted=noted if noted in SAID else None, done_to=line)


async def page(
    request: Request,
    caller: Caller,
    *,
    noted: str | None = None,
    done_to: UUID | None = None,
    form: dict[str, str] | None = None,
    faults: list[str] | None = None,
    status: int = 200,
) -> Response:
    """The list and the form, as it was filled in, with what was wrong."""
    alerts = alerts_of(request)
    today, lines = alerts.today(), await alerts.staff.listed(caller)
    groups: dict[str, list[Listed]] = {"now": [], "later": [], "over": []}
    for each in lines:
        groups[standing_of(each, today)].append(each)
    values = {
        "groups": groups,
        "noted": noted,
        "undo": next((each for each in groups["over"] if each.staff_id == done_to and restorable(each, today)), None),
        "form": form or {},
        "faults": faults or [],
    }
    return PAGES.render(request, "staff.html", values | frame(request, caller, "/staff"), status=status)


@router.post("/staff")
async def put(request: Request, caller: Supervisor) -> Response:
    """List somebody."""
    form = await texts_of(request)
    try:
        await alerts_of(request).staff.put(caller, body(StaffWanted, wanted_of(form)))
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, form=form, faults=said(request, refusal), status=refusal.status)
    return RedirectResponse("/staff?noted=listed", SEE_OTHER)


@router.get("/staff/{line}")
async def one(request: Request, line: UUID, caller: Supervisor) -> Response:
    """One line, what may be done about it, and what each of that does."""
    return await of_line(request, caller, line)


@router.post("/staff/{line}")
async def change(request: Request, line: UUID, caller: Supervisor) -> Response:
    """Another last day, or a clinician or none any more. Who was listed no more meanwhile stays so."""
    form = await texts_of(request)
    told = as_said(await found_of(request, caller, line)) | {"clinician": "clinician" in form, "until": None}
    try:
        wanted = body(StaffWanted, told | filled(form, "until"))
        await alerts_of(request).staff.change(caller, line, wanted)
    except (Invalid, Conflict) as refusal:
        return await of_line(request, caller, line, refusal)
    return RedirectResponse("/staff?noted=listed", SEE_OTHER)


@router.post("/staff/{line}/end")
async def end(request: Request, line: UUID, caller: Supervisor) -> Response:
    """They left: the line ends now, with sessions, streams and older tokens."""
    try:
        await alerts_of(request).staff.end(caller, line)
    except Conflict as refusal:
        return await of_line(request, caller, line, refusal)
    return RedirectResponse(f"/staff?noted=left&line={line}", SEE_OTHER)


@router.post("/staff/{line}/revocation")
async def revoke(request: Request, line: UUID, caller: Supervisor) -> Response:
    """A device is lost: sessions, streams and older tokens end."""
    await alerts_of(request).staff.revoke(caller, line)
    return RedirectResponse("/staff?noted=revoked", SEE_OTHER)


@router.post("/staff/{line}/again")
async def again(request: Request, line: UUID, caller: Supervisor) -> Response:
    """Undo an end: the same line lists them again. What their devices knew stays void."""
    told = as_said(await found_of(request, caller, line))
    try:
        await alerts_of(request).staff.put(caller, body(StaffWanted, told))
    except (Invalid, Conflict) as refusal:
        return await of_line(request, caller, line, refusal)
    return RedirectResponse("/staff?noted=again", SEE_OTHER)


async def of_line(request: Request, caller: Caller, line: UUID, refusal: Problem | None = None) -> Response:
    """The page of a line, with why something was not done."""
    found, today = await found_of(request, caller, line), alerts_of(request).today()
    values = {
        "line": found,
        "standing": standing_of(found, today),
        "restorable": restorable(found, today),
        "faults": said(request, refusal) if refusal else [],
    }
    status = refusal.status if refusal else 200
    return PAGES.render(request, "staff_line.html", values | frame(request, caller, "/staff"), status=status)


async def found_of(request: Request, caller: Caller, line: UUID) -> Listed:
    """A line of the caller's facility. Raises NotFound."""
    for each in await alerts_of(request).staff.listed(caller):
        if each.staff_id == line:
            return each
    raise NotFound


def standing_of(line: Listed, today: date) -> str:
    """Whether a line lists somebody now, later, or no more."""
    if line.on(today):
        return "now"
    return "later" if line.ended_at is None and line.valid_from > today else "over"


def restorable(line: Listed, today: date) -> bool:
    """Whether it was ended, and would list them again."""
    return line.ended_at is not None and not line.past(today)


def as_said(line: Listed) -> dict[str, object]:
    """The body that listed somebody so."""
    return {
        "subject": line.subject,
        "role": line.role,
        "clinician": line.clinician,
        "stands_in_for": line.stands_in_for,
        "from": line.valid_from,
        "until": line.valid_until,
    }


def wanted_of(form: dict[str, str]) -> dict[str, object]:
    """The body that a program would send."""
    told = filled(form, "subject", "role", "stands_in_for", "from", "until")
    return told | ({"clinician": True} if "clinician" in form else {})
