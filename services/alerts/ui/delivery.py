"""/episodes/{id}/birth: the birth that a task asks for is recorded, with what was to be recorded of the task."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.contacts import handlers as contacts
from services.alerts.contacts.schemas import OutcomeBody
from services.alerts.episodes import handlers
from services.alerts.episodes.record import Kind
from services.alerts.episodes.schemas import DeliveryBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.birth import delivery_of, form_of, kept_in, outcome_of, rows_of
from services.alerts.ui.care import noted, page, preview
from services.alerts.ui.forms import body, said
from services.alerts.ui.frame import PAGES, frame
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid, NotFound
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/episodes/{episode}/birth")
async def birth(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Whether the baby is born: the birth is recorded, or the task that asks for it stays open."""
    return await birth_page(request, caller, episode, {})


async def birth_page(
    request: Request,
    caller: Caller,
    episode: UUID,
    form: Mapping[str, str],
    *,
    faults: list[str] | None = None,
    status: int = 200,
) -> Response:
    """The form of the birth, as it was filled in, else with what is recorded; with the outcome that waits for it.
    Raises Invalid where that is none."""
    alerts = alerts_of(request)
    shown = await handlers.read(alerts.care, caller, episode)
    if shown.record is None or shown.state == "ended" or shown.kind != Kind.MATERNAL:
        return RedirectResponse(f"/episodes/{episode}", SEE_OTHER)
    told = dict(form) if "delivered_on" in form else form_of(shown.record)
    kept = kept_in(form)
    values = {
        "episode": shown,
        "told": told,
        "children": rows_of(told),
        "kept": kept,
        "outcome": body(OutcomeBody, outcome_of(form)) if kept else None,
        "faults": faults or [],
        "today": alerts.today(),
    }
    return PAGES.render(request, "birth.html", values | frame(request, caller, ""), status=status)


@router.post("/episodes/{episode}/delivery")
async def delivery(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """The birth: first what would appear and vanish, then, confirmed, it does."""
    form = await texts_of(request)
    sent = {name: text for name, text in form.items() if text and name != "apply"}
    care = alerts_of(request).care
    try:
        wanted = body(DeliveryBody, delivery_of(form))
        moves = await handlers.delivery(care, caller, episode, wanted, dry_run="apply" not in form)
    except Invalid as refusal:
        shown = form | {"delivered_on": form.get("delivered_on", "")}
        return await birth_page(request, caller, episode, shown, faults=said(request, refusal), status=refusal.status)
    except Conflict as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    if "apply" not in form:
        return preview(request, caller, episode, "delivery", sent, moves)
    if not kept_in(form):
        return noted(episode, "delivery")
    try:
        contact = UUID(form.get("outcome_contact", ""))
        await contacts.record_outcome(care, caller, episode, contact, body(OutcomeBody, outcome_of(form)))
    except (Invalid, Conflict) as refusal:
        return await page(
            request, caller, episode, noted="delivery", faults=said(request, refusal), status=refusal.status
        )
    except (ValueError, NotFound):  # the task went with the birth: there is nothing left to record of it
        return noted(episode, "delivery")
    return noted(episode, "delivery-outcome")
