"""Who is calling a page, or what a page calls: tokens and session cookies lead to the same Caller."""

from urllib.parse import urlsplit

from fastapi import Request

from shared.auth.caller import Caller
from shared.auth.require import caller as token_caller
from shared.errors import Forbidden, Unauthenticated
from shared.sessions.handlers import Sessions


def sessions_of(request: Request) -> Sessions:
    """The sessions of this application."""
    sessions: Sessions = request.app.state.sessions
    return sessions


async def signed_in(request: Request) -> Caller | None:
    """The caller of the session cookie; None without one, or where the session is over."""
    sessions = sessions_of(request)
    secret = request.cookies.get(sessions.cookie)
    return await sessions.caller(secret) if secret else None


async def any_caller(request: Request) -> Caller:
    """The caller by bearer token or by session cookie. Raises Unauthenticated; Forbidden for a foreign site's form."""
    if "authorization" in request.headers:
        return await token_caller(request)
    found = await signed_in(request)
    if found is None:
        raise Unauthenticated
    if request.method not in {"GET", "HEAD"}:
        own_page(request)
    return found


def own_page(request: Request) -> None:
    """Refuse a form that another site sends. SameSite=Strict alone lets other ports of this host pass."""
    fetched = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if fetched != "same-origin" and (fetched is not None or origin != request.headers.get("host")):
        raise Forbidden
