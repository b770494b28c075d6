"""/enrolment: the woman in front of the worker, her consent first."""

from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.episodes.consents import Language
from services.alerts.episodes.enrolment import enrol
from services.alerts.episodes.record import Kind
from services.alerts.episodes.schemas import EnrolmentBody
from services.alerts.schedules.handlers import offered
from services.alerts.schedules.schedule import EpisodeKind
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from services.alerts.ui.forms import body, filled, said, there
from services.alerts.ui.frame import PAGES, frame
from services.alerts.ui.given import Hers, hers_in, hers_of, paragraphs
from services.alerts.ui.person import chosen_in, person_of, schedules_in
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.sessions.pages import SEE_OTHER, page_route
from shared.web.forms import texts_of

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/enrolment")
async def ask(request: Request, caller: CareWorker, hers: Hers = None) -> Response:
    """The text to be given to her in `hers`, her language, and the form."""
    return await page(request, caller, hers)


async def page(
    request: Request,
    caller: Caller,
    hers: Language | None,
    form: dict[str, str] | None = None,
    faults: list[str] | None = None,
    instead: str | None = None,
    status: int = 200,
) -> Response:
    """The form, as it was filled in, with what was wrong with it."""
    alerts = alerts_of(request)
    language = hers_of(request, hers)
    today, on_offer = alerts.today(), offered(alerts.care, caller, EpisodeKind.MATERNAL)
    (text,) = alerts.care.consents.in_force(Kind.MATERNAL, today)
    values = {
        "text": text,
        "hers": language,
        "said": paragraphs(text.words(language)),
        "until": text.last_day(today),
        "today": today,
        "offered": on_offer,
        "usual": {each.schedule for each in on_offer if each.by_default},
        "form": form or {"request": uuid4().hex},
        "chosen": set(chosen_in(form or {})) or None,
        "faults": faults or [],
        "instead": instead,
    }
    return PAGES.render(request, "enrolment.html", values | frame(request, caller, "/enrolment"), status=status)


@router.post("/enrolment")
async def post(request: Request, caller: CareWorker) -> Response:
    """Enrol her. The same form sent twice is the same episode."""
    form = await texts_of(request)
    hers = hers_in(form)
    try:
        wanted = body(EnrolmentBody, enrolment_of(form, hers))
        episode, created = await enrol(alerts_of(request).care, caller, wanted)
    except (Invalid, Conflict) as refusal:
        return await page(request, caller, hers, form, said(request, refusal), there(refusal), refusal.status)
    return RedirectResponse(f"/episodes/{episode}?noted={'enrolled' if created else 'enrolled-before'}", SEE_OTHER)


def enrolment_of(form: dict[str, str], hers: str) -> dict[str, object]:
    """The body of an enrolment. Without the box that says she agrees there is no consent, and none is given."""
    consent = {"text": form.get("text", ""), "version": form.get("version", ""), "language": hers}
    care: dict[str, object] = {"person": person_of(form, hers), "dating": filled(form, "lmp", "edd", "counts")}
    if "multiple" in form:
        care["multiple"] = True
    return {
        "request": form.get("request", ""),
        "state": "given" if "agrees" in form else "",
        "consent": consent | {"channel": form.get("channel", "")},
        "care": care | schedules_in(form),
    }
