"""/asked: help that a person asked for. What there is, by which rule; and taking a request down, with consent."""

from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.asked import handlers
from services.alerts.asked.schemas import AskedBody, ForeseenBody
from services.alerts.episodes.consents import Language
from services.alerts.episodes.record import Kind
from services.alerts.schedules.handlers import offered
from services.alerts.schedules.plan import PlannedContact
from services.alerts.schedules.schedule import EpisodeKind, Schedule
from services.alerts.schedules.selection import Explanation
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import Alerts, alerts_of
from services.alerts.ui.asking import basis_of, request_of
from services.alerts.ui.forms import body, said, there
from services.alerts.ui.frame import PAGES, frame
from services.alerts.ui.given import hers_of, paragraphs
from services.alerts.ui.person import chosen_in
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid, NotFound
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

KINDS = tuple(kind.value for kind in handlers.KINDS)
Foreseen = list[tuple[PlannedContact, Explanation]]


@router.get("/asked")
async def read(request: Request, caller: CareWorker) -> Response:
    """Every kind of help, each task with its rule, version and clause. It tells nothing of anybody."""
    values = {"kinds": [(kind, on_offer(request, caller, kind)) for kind in KINDS]}
    return PAGES.render(request, "asked.html", values | frame(request, caller, "/asked"))


@router.get("/asked/{kind}")
async def ask(request: Request, kind: str, caller: CareWorker) -> Response:
    """The form, with the text to be given to whoever asks."""
    return form(request, caller, known(kind), hers_of(request, None))


def form(
    request: Request,
    caller: Caller,
    kind: str,
    hers: Language,
    sent: dict[str, str] | None = None,
    *,
    foreseen: Foreseen | None = None,
    faults: list[str] | None = None,
    instead: str | None = None,
    status: int = 200,
) -> Response:
    """The form as it was filled in, with what was wrong with it, and when what would be done where that was asked."""
    alerts = alerts_of(request)
    today, helps = alerts.today(), on_offer(request, caller, kind)
    (text,) = alerts.care.consents.in_force(Kind(kind), today)
    usual = {f"{each.schedule}/{each.version}" for each in helps if each.by_default}
    values = {
        "kind": kind,
        "text": text,
        "hers": hers,
        "said": paragraphs(text.words(hers)),
        "until": text.last_day(today),
        "today": today,
        "offered": helps,
        "chosen": usual if sent is None else set(chosen_in(sent)),
        "form": sent or {"request": uuid4().hex},
        "foreseen": foreseen,
        "faults": faults or [],
        "instead": instead,
    }
    return PAGES.render(request, "asked_form.html", values | frame(request, caller, "/asked"), status=status)


@router.post("/asked/{kind}")
async def post(request: Request, kind: str, caller: CareWorker) -> Response:
    """Show the text in another language (`speak`), or when what would be done (`foresee`); or take the request down.
    The same form sent twice is the same help."""
    sent, alerts = await texts_of(request), alerts_of(request)
    hers: Language = "en" if (sent.get("speak") or sent.get("hers")) == "en" else "zh"
    if "speak" in sent:
        return form(request, caller, known(kind), hers, sent)
    try:
        if "foresee" in sent:
            planned = handlers.foreseen(alerts.care, caller, body(ForeseenBody, basis_of(known(kind), sent)))
            return form(request, caller, kind, hers, sent, foreseen=explained(alerts, planned))
        wanted = body(AskedBody, request_of(known(kind), sent, hers))
        episode, created = await handlers.ask(alerts.care, caller, wanted)
    except (Invalid, Conflict) as refusal:
        faults, instead = said(request, refusal), there(refusal)
        return form(request, caller, kind, hers, sent, faults=faults, instead=instead, status=refusal.status)
    return RedirectResponse(f"/episodes/{episode}?noted={'asked' if created else 'asked-before'}", SEE_OTHER)


def known(kind: str) -> str:
    """A kind of help. Raises NotFound."""
    if kind not in KINDS:
        raise NotFound
    return kind


def on_offer(request: Request, caller: Caller, kind: str) -> list[Schedule]:
    """What may be asked for of this kind."""
    return offered(alerts_of(request).care, caller, EpisodeKind(kind))


def explained(alerts: Alerts, planned: list[PlannedContact]) -> Foreseen:
    """Each task with why it is done, and by which rule."""
    explain = alerts.care.catalogue.explain
    return [(each, explain(each.schedule, each.version, each.code)) for each in planned]
