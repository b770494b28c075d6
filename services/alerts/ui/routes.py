"""Pages: /login, /logout, /worklist and the question before a refusal. Plain forms; nothing runs in the browser."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.responses import Response

from services.alerts.sessions.callers import COOKIE, CareStaff, own_page
from services.alerts.sessions.handlers import SESSION_LIVES, TooManyTries, WrongCode
from services.alerts.state import alerts_of
from services.alerts.worklist import handlers
from services.alerts.worklist.reasons import BIRTH_REGISTRATION, SOURCE
from shared.auth.caller import Caller
from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.web.language import page_language
from shared.web.pages import Pages

PAGES = Pages(Path(__file__).parent)
ROWS = 50
SEE_OTHER = 303

Serve = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route for people: who is not signed in is led to the login, and refusals are pages too."""

    def get_route_handler(self) -> Serve:
        """The route's handler with pages for its refusals."""
        serve: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def served(request: Request) -> Response:
            try:
                return await serve(request)
            except Unauthenticated:
                return RedirectResponse("/login", SEE_OTHER)
            except Forbidden as refusal:
                return PAGES.render(request, "problem.html", {"kind": "not-allowed"}, status=refusal.status)
            except NotFound as refusal:
                return PAGES.render(request, "problem.html", {"kind": "gone"}, status=refusal.status)

        return served


router = APIRouter(tags=["pages"], include_in_schema=False, route_class=PageRoute)


@router.get("/")
async def root() -> Response:
    """The worklist is the front page."""
    return RedirectResponse("/worklist", SEE_OTHER)


@router.get("/login")
async def ask(request: Request, out: Annotated[bool, Query()] = False) -> Response:
    """The form for a one-time code."""
    return login_page(request, notice="signed-out" if out else None)


@router.post("/login")
async def log_in(request: Request, code: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Exchange a code for a session cookie."""
    own_page(request)
    alerts = alerts_of(request)
    address = request.client.host if request.client else "unknown"
    try:
        secret = await alerts.sessions.log_in(code, address)
    except WrongCode as refusal:
        return login_page(request, fault="login-wrong", status=refusal.status)
    except TooManyTries as refusal:
        return login_page(request, fault="login-blocked", minutes=refusal.minutes, status=refusal.status)
    answer = RedirectResponse("/worklist", SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(SESSION_LIVES.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=alerts.service.settings.environment == "production",
    )
    return answer


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session, and the cookie with it."""
    own_page(request)
    if secret := request.cookies.get(COOKIE):
        await alerts_of(request).sessions.sign_out(secret)
    answer = RedirectResponse("/login?out=true", SEE_OTHER)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


@router.get("/worklist")
async def worklist(
    request: Request,
    caller: CareStaff,
    after: Annotated[str | None, Query(max_length=300)] = None,
    noted: Annotated[bool, Query()] = False,
) -> Response:
    """Open help of the reader's facility."""
    alerts = alerts_of(request)
    values = {
        "list": await handlers.worklist(alerts, caller, after, ROWS),
        "today": alerts.today(),
        "noted": noted,
        "later": after is not None,
        "reason": BIRTH_REGISTRATION,
        "source": SOURCE,
    }
    return PAGES.render(request, "worklist.html", values | frame(request, caller))


@router.get("/worklist/{help_id}/refusal")
async def question(request: Request, help_id: UUID, caller: CareStaff) -> Response:
    """Ask before it closes."""
    task = await handlers.one(alerts_of(request), caller, help_id)
    return PAGES.render(request, "refusal.html", {"task": task} | frame(request, caller))


@router.post("/worklist/{help_id}/refusal")
async def refuse(request: Request, help_id: UUID, caller: CareStaff) -> Response:
    """Close it, and show the list again."""
    await alerts_of(request).contacts.refuse(caller, help_id)
    return RedirectResponse("/worklist?noted=true", SEE_OTHER)


def frame(request: Request, caller: Caller) -> dict[str, object]:
    """Who is signed in, and where."""
    facility = alerts_of(request).facilities.get(caller.facility)
    assert facility is not None
    name = facility.zh if page_language(request) == "zh-CN" else facility.en
    return {"facility": name, "subject": caller.subject}


def login_page(
    request: Request, *, notice: str | None = None, fault: str | None = None, minutes: int = 0, status: int = 200
) -> Response:
    """The login form, with what there is to say about the last try."""
    return PAGES.render(request, "login.html", {"notice": notice, "fault": fault, "minutes": minutes}, status=status)
