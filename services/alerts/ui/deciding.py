"""/episodes/{id}: consent asked for again, and what the registry said decided about."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.alerts.episodes import handlers
from services.alerts.episodes.consents import Language
from services.alerts.episodes.record import Kind
from services.alerts.episodes.schemas import ConsentChangeBody
from services.alerts.life import looked
from services.alerts.life.schemas import LookedBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.care import noted, page
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from services.alerts.ui.given import Hers, hers_in, hers_of, paragraphs
from services.alerts.ui.person import identifiers
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/episodes/{episode}/consent")
async def ask(request: Request, episode: UUID, caller: CareWorker, hers: Hers = None) -> Response:
    """The text in force, in the language of whoever is asked, and the form."""
    return await consent_page(request, caller, episode, hers)


async def consent_page(
    request: Request,
    caller: Caller,
    episode: UUID,
    hers: Language | None,
    form: dict[str, str] | None = None,
    faults: list[str] | None = None,
    status: int = 200,
) -> Response:
    """The form, as it was filled in, with what was wrong with it."""
    alerts = alerts_of(request)
    shown, today = await handlers.read(alerts.care, caller, episode), alerts.today()
    language = hers_of(request, hers)
    values = {
        "episode": shown,
        "may": shown.state != "ended" and shown.consent_until is not None,
        "texts": [
            (text, paragraphs(text.words(language)), text.last_day(today))
            for text in alerts.care.consents.in_force(Kind(shown.kind), today)
        ],
        "hers": language,
        "today": today,
        "form": form or {},
        "faults": faults or [],
    }
    return PAGES.render(request, "consent.html", values | frame(request, caller, ""), status=status)


@router.post("/episodes/{episode}/consent")
async def agree(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """She agrees again. Without the box that says so there is no consent, and none is recorded."""
    form = await texts_of(request)
    hers = hers_in(form)
    consent = filled(form, "text", "version", "channel", "until") | {"language": hers}
    try:
        wanted = body(ConsentChangeBody, {"state": "changed" if "agrees" in form else "", "consent": consent})
        await handlers.agreed(alerts_of(request).care, caller, episode, wanted)
    except (Invalid, Conflict) as refusal:
        return await consent_page(request, caller, episode, hers, form, said(request, refusal), refusal.status)
    return noted(episode, "consent")


@router.post("/episodes/{episode}/looked")
async def decide(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """The worker has looked: it goes on, linked to whom a number names where one is given, or it is over."""
    form = await texts_of(request)
    shown = form.get("findings", "").split()
    told: dict[str, object] = {"goes_on": "goes_on" in form, "findings": shown} | filled(form, "because")
    if named := identifiers(form, "number"):
        told["identifiers"] = named
    try:
        await looked.looked(alerts_of(request).life, caller, episode, body(LookedBody, told))
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, episode, faults=said(request, refusal), status=refusal.status)
    return noted(episode, "looked")
