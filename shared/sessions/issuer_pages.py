"""The pages by which people log in at the city's OIDC issuer: /login/start leads there, /login/return comes back."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from shared.app import service_of
from shared.errors import Forbidden, NotFound, Unavailable
from shared.sessions.callers import sessions_of
from shared.sessions.pages import SEE_OTHER, keep, login_form, page_route
from shared.sessions.provider import NotLoggedIn, Provider, ProviderAway
from shared.web.pages import Pages

TIME_TO_SHOW = timedelta(minutes=10)
"""So long somebody may take to show the issuer who they are."""


def shown_by(request: Request) -> str:
    """The name of the cookie that a browser keeps while somebody shows the issuer who they are."""
    return f"{sessions_of(request).cookie}_login"


def issuer_routes(pages: Pages, home: str) -> APIRouter:
    """/login/start and /login/return; whoever got in goes to `home`. 404 where people do not log in by an issuer."""
    router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(pages))

    @router.get("/login/start")
    async def start(request: Request) -> Response:
        """To the issuer, to show there who one is."""
        told = (await service_of(request)).settings
        provider = Provider.told(told)
        if provider is None:
            raise NotFound
        try:
            address, kept = await provider.begin()
        except ProviderAway:
            return await login_form(pages, request, fault="login-provider-away", status=Unavailable().status)
        answer = RedirectResponse(address, SEE_OTHER)
        answer.set_cookie(
            shown_by(request),
            kept,
            max_age=int(TIME_TO_SHOW.total_seconds()),
            path="/login",
            httponly=True,
            samesite="lax",  # it must come along when another site leads back here
            secure=told.environment == "production",
        )
        return answer

    @router.get("/login/return")
    async def come_back(request: Request) -> Response:
        """From the issuer, with its answer. A strict cookie does not come along where another site leads: a page of
        ours leads on."""
        service = await service_of(request)
        provider = Provider.told(service.settings)
        if provider is None:
            raise NotFound
        kept, sessions = request.cookies.get(shown_by(request), ""), sessions_of(request)
        try:
            caller = await provider.finish(request.url.query, kept, request.app.state.verifier)
        except NotLoggedIn:
            return await login_form(pages, request, fault="login-refused", status=Forbidden().status)
        except ProviderAway:
            return await login_form(pages, request, fault="login-provider-away", status=Unavailable().status)
        answer = pages.render(request, "signed_in_elsewhere.html", {"home": home})
        keep(answer, sessions, await sessions.begin(caller, request.cookies.get(sessions.cookie, "")), service.settings)
        answer.delete_cookie(shown_by(request), path="/login", httponly=True, samesite="lax")
        return answer

    return router
