"""The schedules of an episode by page: another version, one more, or one less; first what would move."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.alerts.schedules import handlers
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.care import noted, page, preview
from services.alerts.ui.forms import said
from services.alerts.ui.frame import PAGES
from shared.errors import Conflict, Invalid
from shared.sessions.pages import page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.post("/episodes/{episode}/schedules")
async def follow(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Follow a version of a schedule, or (without one) follow it no more: first what would move, then, confirmed, it
    does."""
    form = await texts_of(request)
    schedule, version = form.get("schedule", ""), form.get("version") or None
    care, dry_run = alerts_of(request).care, "apply" not in form
    try:
        moves = await handlers.follow(care, caller, episode, schedule, version, dry_run=dry_run)
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    if not dry_run:
        return noted(episode, "schedules")
    told = {"schedule": schedule} | ({"version": version} if version else {})
    return preview(request, caller, episode, "schedules", told, moves)
