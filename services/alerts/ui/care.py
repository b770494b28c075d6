"""/episodes: what a care worker on duty sees of an episode, and may do with it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.episodes import handlers
from services.alerts.episodes.routes import Clinician, sets_risk
from services.alerts.episodes.schemas import DatingBody, EndBody, RiskBody
from services.alerts.own import handlers as own
from services.alerts.reports import handlers as reports
from services.alerts.schedules.moves import Move
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.birth import form_of, rows_of
from services.alerts.ui.followed import schedules_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from services.alerts.ui.words import levels, title_of
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/episodes/{episode}")
async def read(
    request: Request, episode: UUID, caller: CareWorker, noted: Annotated[str | None, Query(max_length=20)] = None
) -> Response:
    """The plan, who she is, and everything that may be done."""
    return await page(request, caller, episode, noted=noted if noted in NOTED else None)


BEGUN = frozenset({"enrolled", "enrolled-before", "asked", "asked-before"})
CHANGED = {"dates", "delivery", "risk", "paused", "resumed", "ended", "consent", "looked", "schedules", "workers"}
NOTED = BEGUN | CHANGED | {"delivery-outcome", "offered", "answered"}


async def page(
    request: Request,
    caller: Caller,
    episode: UUID,
    *,
    noted: str | None = None,
    faults: list[str] | None = None,
    status: int = 200,
) -> Response:
    """The episode, with what was wrong with a form where something was."""
    alerts = alerts_of(request)
    shown = await handlers.read(alerts.care, caller, episode)
    birth = form_of(shown.record)
    values = {
        "episode": shown,
        "told": birth,
        "kept": {},
        "children": rows_of(birth),
        "noted": noted,
        "faults": faults or [],
        "today": alerts.today(),
        "clinician": await sets_risk(alerts, caller),
        "levels": levels(alerts.care.catalogue),
        "schedules": schedules_of(alerts, caller, shown),
        "notes": await reports.of_episode(alerts, caller, episode),
    }
    return PAGES.render(request, "episode.html", values | frame(request, caller, ""), status=status)


@router.post("/episodes/{episode}/dates")
async def dates(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Other dates: first what would move, then, confirmed, it moves."""
    form = await texts_of(request)
    told = filled(form, "lmp", "edd", "counts")
    try:
        wanted = body(DatingBody, told)
        moves = await handlers.dates(alerts_of(request).care, caller, episode, wanted, dry_run="apply" not in form)
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    if "apply" in form:
        return noted(episode, "dates")
    return preview(request, caller, episode, "dates", told, moves)


@router.post("/episodes/{episode}/risk")
async def risk(request: Request, episode: UUID, caller: Clinician) -> Response:
    """The level that a clinician sets, and the flag that nobody but readers of the record sees."""
    form = await texts_of(request)
    scale, _, level = form.get("level", "").partition("/")
    try:
        wanted = body(RiskBody, {"scale": scale, "level": level, "infection": "infection" in form})
        await handlers.risk(alerts_of(request).care, caller, episode, wanted)
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    return noted(episode, "risk")


@router.post("/episodes/{episode}/pause")
async def pause(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """She wants no reminders for now."""
    try:
        await handlers.pause(alerts_of(request).care, caller, episode)
    except Conflict as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    return noted(episode, "paused")


@router.post("/episodes/{episode}/resume")
async def resume(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Reminders begin again."""
    try:
        await handlers.resume(alerts_of(request).care, caller, episode)
    except Conflict as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    return noted(episode, "resumed")


@router.post("/episodes/{episode}/end")
async def end(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """It is over. Why is sealed."""
    form = await texts_of(request)
    try:
        wanted = body(EndBody, filled(form, "because", "on"))
        await handlers.end(alerts_of(request).care, caller, episode, wanted)
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    return noted(episode, "ended")


@router.get("/episodes/{episode}/withdrawal")
async def ask_withdrawal(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Ask before everything goes."""
    shown = await handlers.read(alerts_of(request).care, caller, episode)
    return PAGES.render(request, "withdrawal.html", {"episode": shown} | frame(request, caller, ""))


@router.post("/episodes/{episode}/withdrawal")
async def withdraw(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """She withdraws. Nothing is left."""
    await handlers.withdraw(alerts_of(request).care, caller, episode)
    return RedirectResponse("/worklist?said=withdrawn", SEE_OTHER)


@router.post("/episodes/{episode}/slip")
async def slip(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """A slip to hand to her, shown once. It says neither who she is nor what it is for."""
    alerts = alerts_of(request)
    try:
        code = await own.make_code(alerts, caller, episode)
    except Conflict as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    values = {"code": code, "url": f"{alerts.service.settings.alerts_url}/me", "episode": episode}
    return PAGES.render(request, "slip.html", values | frame(request, caller, ""))


def preview(
    request: Request,
    caller: Caller,
    episode: UUID,
    what: str,
    told: dict[str, object] | dict[str, str],
    moves: list[Move],
) -> Response:
    """What would move, and the button that lets it."""
    catalogue = alerts_of(request).care.catalogue
    named = [(each, planned, title_of(catalogue, planned)) for each in moves if (planned := each.after or each.before)]
    values = {"episode": episode, "what": what, "told": told, "moves": named}
    return PAGES.render(request, "moves.html", values | frame(request, caller, ""))


def noted(episode: UUID, what: str) -> Response:
    """Show the episode again, with what was done."""
    return RedirectResponse(f"/episodes/{episode}?noted={what}", SEE_OTHER)
