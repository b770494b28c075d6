"""/me: her own page, by the code on her slip. It shows what is due, who looked, and how to stop."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.alerts.own import handlers
from services.alerts.own.callers import Herself
from services.alerts.questions import handlers as questions
from services.alerts.questions.schemas import Ask
from services.alerts.state import alerts_of
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES
from shared.app import service_of
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid, NotFound
from shared.sessions.callers import own_page, sessions_of
from shared.sessions.handlers import TooManyTries, WrongCode
from shared.sessions.pages import SEE_OTHER, keep, page_route
from shared.web.forms import texts_of

LOGIN = "/me/login"
ROWS = 25
router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES, LOGIN, "/me"))


@router.get(LOGIN)
async def ask(request: Request, out: bool = False, ended: bool = False) -> Response:
    """The form for the code on a slip."""
    return form(request, notice="signed-out" if out else "session-ended" if ended else None)


def form(
    request: Request, *, notice: str | None = None, fault: str | None = None, minutes: int = 0, status: int = 200
) -> Response:
    """The form, with what was wrong."""
    said = {"notice": notice, "fault": fault, "minutes": minutes}
    return PAGES.render(request, "own_login.html", said, status=status)


@router.post(LOGIN)
async def log_in(request: Request, code: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Open a session for half an hour; whoever comes with a slip is shown the code that works from now on, once."""
    own_page(request)
    address = request.client.host if request.client else "unknown"
    try:
        entered = await handlers.log_in(alerts_of(request), code, address)
    except WrongCode as refusal:
        return form(request, fault="own-wrong", status=refusal.status)
    except TooManyTries as refusal:
        return form(request, fault="login-blocked", minutes=refusal.minutes, status=refusal.status)
    answer: Response = RedirectResponse("/me", SEE_OTHER)
    if entered.fresh:
        answer = PAGES.render(request, "own_code.html", {"code": entered.fresh})
    settings = (await service_of(request)).settings
    keep(answer, sessions_of(request), entered.secret, settings, lasting=handlers.SESSION_LIVES)
    return answer


@router.post("/me/logout")
async def log_out(request: Request) -> Response:
    """End the session, and the cookie with it."""
    own_page(request)
    sessions = sessions_of(request)
    if secret := request.cookies.get(sessions.cookie):
        await sessions.sign_out(secret)
    answer = RedirectResponse(f"{LOGIN}?out=true", SEE_OTHER)
    answer.delete_cookie(sessions.cookie, httponly=True, samesite="strict")
    return answer


@router.get("/me")
async def read(request: Request, caller: Herself) -> Response:
    """What is due next, and why; once it is over, that it is."""
    try:
        shown = await handlers.read(alerts_of(request), caller)
    except NotFound:
        return over(request)
    return PAGES.render(request, "own.html", {"own": shown, "today": alerts_of(request).today()})


@router.get("/me/disclosures")
async def looks(request: Request, caller: Herself, after: UUID | None = None) -> Response:
    """Who looked, the newest first."""
    return await looks_page(request, caller, after)


async def looks_page(
    request: Request, caller: Caller, after: UUID | None, faults: list[str] | None = None, status: int = 200
) -> Response:
    """Who looked, with what was wrong with a question where something was."""
    try:
        found = await handlers.looks(alerts_of(request), caller, after, ROWS)
    except NotFound:
        return over(request)
    values = {"list": found, "later": after is not None, "faults": faults or []}
    return PAGES.render(request, "own_looks.html", values, status=status)


@router.get("/me/questions")
async def asked(request: Request, caller: Herself, sent: bool = False) -> Response:
    """What she asked about who looked, and was answered. `sent`: a moment ago."""
    try:
        found = await questions.own(alerts_of(request), caller)
    except NotFound:
        return over(request)
    return PAGES.render(request, "own_questions.html", {"list": found, "sent": sent})


@router.post("/me/questions")
async def question(request: Request, caller: Herself) -> Response:
    """She questions an entry of her own log."""
    form = await texts_of(request)
    try:
        await questions.ask(alerts_of(request), caller, body(Ask, filled(form, "entry", "text")))
    except (Invalid, Conflict) as refusal:
        return await looks_page(request, caller, None, said(request, refusal), refusal.status)
    return RedirectResponse("/me/questions?sent=true", SEE_OTHER)


@router.get("/me/copy")
async def copy(request: Request, caller: Herself) -> Response:
    """Everything, as a file to keep."""
    try:
        found = await handlers.copy(alerts_of(request), caller)
    except NotFound:
        return over(request)
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="copy.json"'}
    return Response(found.model_dump_json(indent=2), media_type="application/json", headers=headers)


@router.post("/me/pause")
async def pause(request: Request, caller: Herself) -> Response:
    """No reminders for now."""
    try:
        await handlers.pause(alerts_of(request), caller)
    except NotFound:
        return over(request)
    return RedirectResponse("/me", SEE_OTHER)


@router.post("/me/resume")
async def resume(request: Request, caller: Herself) -> Response:
    """Reminders begin again."""
    try:
        await handlers.resume(alerts_of(request), caller)
    except NotFound:
        return over(request)
    return RedirectResponse("/me", SEE_OTHER)


@router.get("/me/withdrawal")
async def ask_withdrawal(request: Request, caller: Herself) -> Response:
    """What happens when she withdraws, before she does."""
    try:
        await handlers.read(alerts_of(request), caller)
    except NotFound:
        return over(request)
    return PAGES.render(request, "own_withdrawal.html")


@router.post("/me/withdrawal")
async def withdraw(request: Request, caller: Herself) -> Response:
    """She withdraws. Nothing is left; the page says that it is over, and nothing else."""
    await handlers.withdraw(alerts_of(request), caller)
    return RedirectResponse("/me", SEE_OTHER)


def over(request: Request) -> Response:
    """It is over."""
    return PAGES.render(request, "own_over.html")
