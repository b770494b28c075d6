"""Who may see a facility's care work. Tokens and session cookies lead to the same Caller, judged by the same rule."""

from typing import Annotated

from fastapi import Depends, Request

from services.alerts.state import Alerts, alerts_of
from shared.auth.caller import Caller
from shared.errors import Forbidden, NotFound, declare
from shared.errors_text import ErrorText
from shared.sessions.callers import any_caller
from shared.written import as_written

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


def judge(caller: Caller) -> Caller:
    """Refuse whoever is not care staff of a facility, from the credential alone and before any look-up."""
    if not caller.roles & CARE_ROLES:
        raise Forbidden("role-required", required_roles=sorted(CARE_ROLES))
    staff = caller.service is None and caller.department in (None, "health")
    if not staff or caller.facility is None or caller.purpose != "care":
        raise Forbidden("care-facility-required")
    return caller


def acting_as(caller: Caller, role: str) -> Caller:
    """Refuse whoever has not this role."""
    if role not in caller.roles:
        raise Forbidden("role-required", required_roles=[role])
    return caller


async def care_staff(request: Request, found: Annotated[Caller, Depends(any_caller)]) -> Caller:
    """A care worker or supervisor of a provisioned facility that lists them today, in the roles it lists them in."""
    caller = await here(request, judge(found))
    await as_written(request)
    return caller


async def supervisor(request: Request, found: Annotated[Caller, Depends(any_caller)]) -> Caller:
    """A supervisor of a provisioned facility that lists them as such today."""
    return await in_role(request, found, "supervisor")


async def care_worker(request: Request, found: Annotated[Caller, Depends(any_caller)]) -> Caller:
    """A care worker of a provisioned facility that lists them as such today: who alone sees women, and acts for them.
    Supervisors see counts."""
    return await in_role(request, found, "care-worker")


async def in_role(request: Request, found: Caller, role: str) -> Caller:
    """The caller, where both their credential and their facility's list give them this role."""
    caller = acting_as(await here(request, acting_as(judge(found), role)), role)
    await as_written(request)
    return caller


async def here(request: Request, caller: Caller) -> Caller:
    """The caller as their facility knows them today. Raises NotFound, Unauthenticated, Forbidden."""
    alerts: Alerts = alerts_of(request)
    if alerts.facilities.get(caller.facility) is None:
        raise NotFound
    return await alerts.staff.admit(caller)


CareStaff = Annotated[Caller, Depends(care_staff)]
CareWorker = Annotated[Caller, Depends(care_worker)]
Supervisor = Annotated[Caller, Depends(supervisor)]
