"""Who may see a facility's care work. Tokens and session cookies lead to the same Caller, judged by the same rule."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from services.alerts.state import Alerts, alerts_of
from shared.auth.caller import Caller
from shared.auth.require import caller as token_caller
from shared.errors import Forbidden, NotFound, Unauthenticated, declare
from shared.errors_text import ErrorText

COOKIE = "tenfold_alerts"  # cookies ignore ports: the other services on this host need other names
CARE_ROLES = frozenset({"care-worker", "supervisor"})

declare(
    "care-facility-required",
    ErrorText(
        403,
        "Only staff of a health facility may call this",
        "仅限医疗卫生机构工作人员",
        "Use a credential for the purpose care that names your facility.",
        "请使用以健康服务为用途并注明所在机构的凭据。",
    ),
)


async def any_caller(request: Request) -> Caller:
    """The caller by bearer token or by session cookie. Raises Unauthenticated; Forbidden for a foreign site's form."""
    if "authorization" in request.headers:
        return await token_caller(request)
    secret = request.cookies.get(COOKIE)
    found = await alerts_of(request).sessions.caller(secret) if secret else None
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


def judge(caller: Caller) -> Caller:
    """Refuse whoever is not care staff of a facility, from the credential alone and before any look-up."""
    if not caller.roles & CARE_ROLES:
        raise Forbidden("role-required", required_roles=sorted(CARE_ROLES))
    staff = caller.service is None and caller.department in (None, "health")
    if not staff or caller.facility is None or caller.purpose != "care":
        raise Forbidden("care-facility-required")
    return caller


async def care_staff(request: Request, found: Annotated[Caller, Depends(any_caller)]) -> Caller:
    """A care worker or supervisor of a provisioned facility."""
    caller = judge(found)
    alerts: Alerts = alerts_of(request)
    if alerts.facilities.get(caller.facility) is None:
        raise NotFound
    return caller


CareStaff = Annotated[Caller, Depends(care_staff)]
