"""/handovers: offers to and from the facility; offering an episode, once she has agreed to who it is."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.episodes.consents import Language
from services.alerts.handovers import agreement
from services.alerts.handovers.routes import After
from services.alerts.handovers.schemas import OfferBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import Alerts, alerts_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from services.alerts.ui.given import Hers, hers_in, hers_of
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.sharing.words import Words
from shared.web.forms import texts_of

ROWS = 50
router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/handovers")
async def read(request: Request, caller: CareWorker, after: After = None) -> Response:
    """What waits for an answer, here and elsewhere."""
    return await page(request, caller, after=after)


async def page(
    request: Request, caller: Caller, faults: list[str] | None = None, status: int = 200, after: str | None = None
) -> Response:
    """The offers after a cursor, with why something was not done."""
    alerts = alerts_of(request)
    shown = await alerts.handovers.listed(caller, after, ROWS)
    values = {
        "incoming": [(each, area(alerts, each.area)) for each in shown.incoming or ()],
        "outgoing": [(each, called(alerts, each.to)) for each in shown.outgoing or ()],
        "faults": faults or [],
        "later": after is not None,
        "next": shown.next_after and urlencode({"after": shown.next_after}),
    }
    return PAGES.render(request, "handovers.html", values | frame(request, caller, "/handovers"), status=status)


@router.post("/handovers/{handover}/accept")
async def accept(request: Request, handover: UUID, caller: CareWorker) -> Response:
    """The duty is here from now on."""
    try:
        episode = await alerts_of(request).handovers.accept(caller, handover)
    except Conflict as refusal:
        return await page(request, caller, said(request, refusal), refusal.status)
    return RedirectResponse(f"/episodes/{episode}", SEE_OTHER)


@router.post("/handovers/{handover}/decline")
async def decline(request: Request, handover: UUID, caller: CareWorker) -> Response:
    """The duty stays where it is."""
    try:
        await alerts_of(request).handovers.decline(caller, handover)
    except Conflict as refusal:
        return await page(request, caller, said(request, refusal), refusal.status)
    return RedirectResponse("/handovers", SEE_OTHER)


@router.post("/handovers/{handover}/back")
async def take_back(request: Request, handover: UUID, caller: CareWorker) -> Response:
    """The offer is taken back, or she does not want it."""
    try:
        await alerts_of(request).handovers.take_back(caller, handover)
    except Conflict as refusal:
        return await page(request, caller, said(request, refusal), refusal.status)
    return RedirectResponse("/handovers", SEE_OTHER)


@router.get("/episodes/{episode}/handover")
async def ask(
    request: Request,
    episode: UUID,
    caller: CareWorker,
    to: Annotated[str | None, Query(max_length=64)] = None,
    hers: Hers = None,
) -> Response:
    """To whom; then what she is told of them, in her language."""
    return form(request, caller, episode, to, hers)


def form(
    request: Request,
    caller: Caller,
    episode: UUID,
    to: str | None,
    hers: Language | None,
    faults: list[str] | None = None,
    status: int = 200,
) -> Response:
    """The form, with what was wrong with it."""
    alerts = alerts_of(request)
    language = hers_of(request, hers)
    others = [code for code in alerts.facilities.codes if code != caller.facility]
    words = agreement.words(alerts.handovers.recipient(to, caller)) if to in others else None
    values = {
        "episode": episode,
        "to": to if to in others else None,
        "others": [(code, called(alerts, code)) for code in others],
        "told": (words.zh if language == "zh" else words.en) if words else None,
        "hers": language,
        "version": agreement.VERSION,
        "faults": faults or [],
    }
    return PAGES.render(request, "handover.html", values | frame(request, caller, ""), status=status)


@router.post("/episodes/{episode}/handover")
async def offer(request: Request, episode: UUID, caller: CareWorker) -> Response:
    """Offer it. The duty stays here until it is accepted."""
    sent = await texts_of(request)
    hers = hers_in(sent)
    agreed = filled(sent, "version", "channel") | {"language": hers} if "agrees" in sent else None
    try:
        wanted = body(OfferBody, filled(sent, "to", "until") | {"agreed": agreed})
        await alerts_of(request).handovers.offer(caller, episode, wanted)
    except (Invalid, Conflict) as refusal:
        return form(request, caller, episode, sent.get("to"), hers, said(request, refusal), refusal.status)
    return RedirectResponse(f"/episodes/{episode}?noted=offered", SEE_OTHER)


def called(alerts: Alerts, code: str) -> Words:
    """What a facility is called."""
    found = alerts.facilities.get(code)
    return Words(zh=found.zh, en=found.en) if found else Words(zh=code, en=code)


def area(alerts: Alerts, code: str) -> Words:
    """What an area is called."""
    found = alerts.areas.get(code)
    return Words(zh=found.zh, en=found.en) if found else Words(zh=code, en=code)
