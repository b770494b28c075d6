"""The pages of logging in, the same in every service: /login and /logout."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from shared.app import service_of
from shared.sessions.callers import own_page, sessions_of
from shared.sessions.handlers import TooManyTries, WrongCode
from shared.sessions.issuer_pages import issuer_routes
from shared.sessions.pages import SEE_OTHER, keep, login_form, page_route
from shared.web.pages import Pages


def login_routes(pages: Pages, home: str) -> APIRouter:
    """/login and /logout; whoever got in goes to `home`."""
    router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(pages))
    router.include_router(issuer_routes(pages, home))

    @router.get("/login")
    async def ask(
        request: Request, out: Annotated[bool, Query()] = False, ended: Annotated[bool, Query()] = False
    ) -> Response:
        """The form for a one-time code. `out`: one has signed out; `ended`: the session was over by itself."""
        return await login_form(pages, request, notice="signed-out" if out else "session-ended" if ended else None)

    @router.post("/login")
    async def log_in(request: Request, code: Annotated[str, Form(max_length=100)] = "") -> Response:
        """Exchange a code for a session cookie."""
        own_page(request)
        sessions = sessions_of(request)
        address = request.client.host if request.client else "unknown"
        try:
            secret = await sessions.log_in(code, address)
        except WrongCode as refusal:
            return await login_form(pages, request, fault="login-wrong", status=refusal.status)
        except TooManyTries as refusal:
            return await login_form(
                pages, request, fault="login-blocked", minutes=refusal.minutes, status=refusal.status
            )
        answer = RedirectResponse(home, SEE_OTHER)
        keep(answer, sessions, secret, (await service_of(request)).settings)
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
