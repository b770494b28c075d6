"""What all pages share: who is not signed in is led to the login, and refusals are pages, too."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.app import away, service_of
from shared.db import AWAY
from shared.errors import Problem, Unauthenticated, problem_of
from shared.sessions.callers import sessions_of
from shared.sessions.handlers import SESSION_LIVES, Sessions
from shared.sessions.refused import refused, unread
from shared.settings import Settings
from shared.web.pages import Pages

SEE_OTHER = 303
KEPT = SESSION_LIVES + timedelta(hours=16)
"""A cookie outlives its session, so that whoever comes back the same day is told that it is over."""

Serve = Callable[[Request], Coroutine[Any, Any, Response]]


def page_route(pages: Pages, login: str = "/login", home: str = "/") -> type[APIRoute]:
    """A kind of route for people: who is not signed in is led to `login`, and whatever is refused, for whatever reason,
    is answered by a page that leads back to `home`."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Serve:
            serve: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

            async def served(request: Request) -> Response:
                try:
                    return await serve(request)
                except Unauthenticated:
                    return RedirectResponse(f"{login}?ended=true" if had_session(request) else login, SEE_OTHER)
                except Problem as refusal:
                    return refused(pages, request, refusal, home)
                except (RequestValidationError, HTTPException) as error:
                    return refused(pages, request, unread(error), home)
                except Exception as error:
                    problem = known(request, error)
                    if problem is None:
                        raise
                    return refused(pages, request, problem, home)

            return served

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await super().handle(scope, receive, send)
            except HTTPException as error:  # of another method: what its own route refuses is answered by then
                await refused(pages, Request(scope), problem_of(error), home)(scope, receive, send)

    return PageRoute


def known(request: Request, error: Exception) -> Problem | None:
    """The problem for a database that is away, and for a trouble that the service has named (`app.state.troubles`: of
    which kind, and what is told)."""
    if isinstance(error, AWAY):
        return away(error)
    troubles: Mapping[type[Exception], Callable[[Exception], Problem]] = getattr(request.app.state, "troubles", {})
    return next((told(error) for kind, told in troubles.items() if isinstance(error, kind)), None)


def had_session(request: Request) -> bool:
    """Whether who comes without a session had one: what they sent was not taken, and they are told so."""
    return sessions_of(request).cookie in request.cookies


def keep(answer: Response, sessions: Sessions, secret: str, settings: Settings, *, lasting: timedelta = KEPT) -> None:
    """Give the browser its session."""
    answer.set_cookie(
        sessions.cookie,
        secret,
        max_age=int(lasting.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=settings.environment == "production",
    )


async def login_form(
    pages: Pages,
    request: Request,
    *,
    notice: str | None = None,
    fault: str | None = None,
    minutes: int = 0,
    status: int = 200,
) -> Response:
    """The page on which one logs in, by the ways that are open here."""
    told = (await service_of(request)).settings
    by_issuer = told.oidc_client is not None
    ways: dict[str, object] = {"by_issuer": by_issuer, "by_code": told.environment == "development" or not by_issuer}
    said = {"notice": notice, "fault": fault, "minutes": minutes}
    return pages.render(request, "login.html", said | ways, status=status)
