"""The pages of logging in, the same in every service: /login, /logout, and refusals that are pages, too."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.responses import Response

from shared.app import service_of
from shared.errors import Forbidden, NotFound, Problem, Unauthenticated
from shared.sessions.callers import own_page, sessions_of
from shared.sessions.handlers import SESSION_LIVES, TooManyTries, WrongCode
from shared.web.pages import Pages

SEE_OTHER, TOO_MANY = 303, 429
REMEMBERED = timedelta(hours=16)
"""A cookie outlives its session by this, so that whoever comes back the same day is told that it is over."""

Serve = Callable[[Request], Coroutine[Any, Any, Response]]


def page_route(pages: Pages, login: str = "/login") -> type[APIRoute]:
    """A kind of route for people: who is not signed in is led to `login`, and refusals are pages too."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Serve:
            serve: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

            async def served(request: Request) -> Response:
                try:
                    return await serve(request)
                except Unauthenticated:
                    return RedirectResponse(f"{login}?ended=true" if had_session(request) else login, SEE_OTHER)
                except Forbidden as refusal:
                    return pages.render(request, "problem.html", {"kind": "not-allowed"}, status=refusal.status)
                except NotFound as refusal:
                    return pages.render(request, "problem.html", {"kind": "gone"}, status=refusal.status)
                except Problem as refusal:
                    if refusal.status != TOO_MANY:
                        raise
                    answer = pages.render(request, "problem.html", {"kind": "too-many"}, status=TOO_MANY)
                    answer.headers.update(refusal.headers)
                    return answer

            return served

    return PageRoute


def had_session(request: Request) -> bool:
    """Whether who comes without a session had one: what they sent was not taken, and they are told so."""
    return sessions_of(request).cookie in request.cookies


def login_routes(pages: Pages, home: str) -> APIRouter:
    """/login and /logout; whoever got in goes to `home`."""
    router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(pages))

    def form(
        request: Request, *, notice: str | None = None, fault: str | None = None, minutes: int = 0, status: int = 200
    ) -> Response:
        said = {"notice": notice, "fault": fault, "minutes": minutes}
        return pages.render(request, "login.html", said, status=status)

    @router.get("/login")
    async def ask(
        request: Request, out: Annotated[bool, Query()] = False, ended: Annotated[bool, Query()] = False
    ) -> Response:
        """The form for a one-time code. `out`: one has signed out; `ended`: the session was over by itself."""
        return form(request, notice="signed-out" if out else "session-ended" if ended else None)

    @router.post("/login")
    async def log_in(request: Request, code: Annotated[str, Form(max_length=100)] = "") -> Response:
        """Exchange a code for a session cookie."""
        own_page(request)
        sessions = sessions_of(request)
        address = request.client.host if request.client else "unknown"
        try:
            secret = await sessions.log_in(code, address)
        except WrongCode as refusal:
            return form(request, fault="login-wrong", status=refusal.status)
        except TooManyTries as refusal:
            return form(request, fault="login-blocked", minutes=refusal.minutes, status=refusal.status)
        answer = RedirectResponse(home, SEE_OTHER)
        answer.set_cookie(
            sessions.cookie,
            secret,
            max_age=int((SESSION_LIVES + REMEMBERED).total_seconds()),
            httponly=True,
            samesite="strict",
            secure=(await service_of(request)).settings.environment == "production",
        )
        return answer

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        """End the session, and the cookie with it."""
        own_page(request)
        sessions = sessions_of(request)
        if secret := request.cookies.get(sessions.cookie):
            await sessions.sign_out(secret)
        answer = RedirectResponse("/login?out=true", SEE_OTHER)
        answer.delete_cookie(sessions.cookie, httponly=True, samesite="strict")
        return answer

    return router
