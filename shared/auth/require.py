"""FastAPI dependencies: who is calling, and what a route asks of them. Every route has one of the two."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.auth.caller import ROLES, Caller
from shared.auth.tokens import Verifier
from shared.errors import Forbidden, Unauthenticated
from shared.rates import Rates
from shared.written import as_written

# Only for the API description; `caller` reads the header itself, so that every refusal is our problem+json.
_BEARER = HTTPBearer(bearerFormat="JWT", auto_error=False)


async def caller(
    request: Request, _described: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None
) -> Caller:
    """The caller named by the bearer token. Raises Unauthenticated (401)."""
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    verifier: Verifier = request.app.state.verifier
    return verifier.verify(token.strip())


def nothing_more(caller: Caller) -> None:
    """Ask nothing more of the caller."""


def require(
    *roles: str,
    department: bool = False,
    city: bool = False,
    service: bool = False,
    purpose: bool = False,
    everywhere: bool = False,
    by: Callable[..., Awaitable[Caller]] = caller,
    counted: bool = True,
    also: Callable[[Caller], None] = nothing_more,
) -> Callable[..., Awaitable[Caller]]:
    """A dependency for a caller who has any one of `roles` (none named: no role asked) and everything asked by flag.

    `department`: acts for a department. `city`: acts for none, for what they may do concerns all departments: whoever
    administrates or protects one has no say about the others. `service`: is one of the platform's services.
    `purpose`: the token names one.
    `everywhere`: what is served is the whole department's, so that a token limited to areas is refused.
    `by`: how the caller is found; pages take a session cookie, too (shared/sessions/callers.py).
    `counted`: the request counts against its department's requests a second; only the intake counts by itself.
    `also`: whatever else a route asks of its callers; it raises Forbidden. What is asked after this dependency is asked
    too late: whoever may not call has been told by then what is wrong with the body.
    Raises Forbidden (403), decided from the token alone, before any look-up; Problem 429 for one request too many; only
    then Invalid (422) for an address or a body that is not written as the contract says.
    """
    wanted = frozenset(roles)
    if not wanted <= ROLES:
        raise ValueError("require() names an unknown role")

    async def required(request: Request, who: Annotated[Caller, Depends(by)]) -> Caller:
        if service and who.service is None:
            raise Forbidden("service-required")
        if department and who.department is None:
            raise Forbidden("department-required")
        if city and who.department is not None:
            raise Forbidden("city-required")
        if wanted and not wanted & who.roles:
            raise Forbidden("role-required", required_roles=sorted(wanted))
        if purpose and who.purpose is None:
            raise Forbidden("purpose-required")
        if everywhere and who.areas:
            raise Forbidden("areas-not-served")
        also(who)
        if counted and who.department is not None:
            rates: Rates = request.app.state.rates
            rates.take("requests", who.department)
        await as_written(request)
        return who

    return required
