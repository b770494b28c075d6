"""/v1/agreements: what a department may be told, for what, on which legal basis, until when; and how that changes."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from services.exchange.agreements import reading
from services.exchange.agreements.current import CurrentAgreements
from services.exchange.agreements.life import Life
from services.exchange.agreements.reading import Wanted
from services.exchange.agreements.repository import Actor
from services.exchange.agreements.rules import Standing
from services.exchange.agreements.schemas import (
    AgreementList,
    Preview,
    Previewed,
    Refusal,
    Signature,
    Versions,
    Why,
)
from shared import clock
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.contracts.values import Day
from shared.errors import Forbidden
from shared.sharing.agreement import Agreement
from shared.sharing.agreements import Agreements
from shared.sharing.closed import DepartmentName, Purpose
from shared.written import CallerFirst

router = APIRouter(tags=["agreements"], route_class=CallerFirst)

OFFICIALS = ("reporter", "follower", "clerk", "reviewer")
WATCHERS = ("administrator", "protection-officer")

Watcher = Annotated[Caller, Depends(require(*WATCHERS, city=True))]
Shared = Annotated[Service, Depends(service_of)]
Identifier = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


async def life_of(request: Request, service: Shared) -> Life:
    """The use cases."""
    source: CurrentAgreements = request.app.state.agreements
    return Life(service, source.authorities)


async def agreements_of(request: Request, service: Shared) -> Agreements:
    """The agreements that stand."""
    source: CurrentAgreements = request.app.state.agreements
    async with service.pool.acquire() as connection:
        return await source.current(connection)


Lives = Annotated[Life, Depends(life_of)]
InForce = Annotated[Agreements, Depends(agreements_of)]


def watcher(caller: Caller) -> Actor | None:
    """Who watches over all agreements; a department's own administrator does not."""
    for role in ("protection-officer", "administrator"):
        if role in caller.roles and caller.department is None:
            return Actor(caller.subject, role)
    return None


def reads(caller: Caller) -> None:
    """Raise Forbidden for an official of no department, and for a watcher of one."""
    if watcher(caller) is None and caller.department is None:
        raise Forbidden("department-required")
    if watcher(caller) is None and not caller.roles & set(OFFICIALS):
        raise Forbidden("city-required")


async def reader(caller: Annotated[Caller, Depends(require(*OFFICIALS, *WATCHERS, also=reads))]) -> Actor:
    """Who reads: for a department, or as a watcher over all."""
    return watcher(caller) or Actor(caller.subject, "official", caller.department)


async def signer(caller: Annotated[Caller, Depends(require("reviewer", department=True))]) -> Actor:
    """A department's reviewer."""
    return Actor(caller.subject, "reviewer", caller.department)


def suspends(caller: Caller) -> None:
    """Raise Forbidden for a reviewer of no department, and for a protection officer of one."""
    if caller.department is None and "protection-officer" not in caller.roles:
        raise Forbidden("department-required")
    if caller.department is not None and "reviewer" not in caller.roles:
        raise Forbidden("city-required")


async def suspending(
    caller: Annotated[Caller, Depends(require("reviewer", "protection-officer", also=suspends))],
) -> Actor:
    """A protection officer, for anything; or a department's reviewer, for its own."""
    if caller.department is None:
        return Actor(caller.subject, "protection-officer")
    return Actor(caller.subject, "reviewer", caller.department)


Reader = Annotated[Actor, Depends(reader)]
Reviewer = Annotated[Actor, Depends(signer)]
Suspending = Annotated[Actor, Depends(suspending)]


async def versions(service: Service, actor: Actor, identifier: str) -> Versions:
    """One agreement as it stands now."""
    async with service.pool.acquire() as connection:
        return Versions(identifier=identifier, versions=await reading.one(connection, actor, identifier))


@router.get("/v1/agreements")
async def agreements(
    caller: Reader,
    service: Shared,
    standing: Standing | None = None,
    department: Annotated[DepartmentName | None, Query(description="The receiver.")] = None,
    purpose: Purpose | None = None,
    after: Annotated[str | None, Query(max_length=80, description="Where the page before ended.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AgreementList:
    """The agreements the caller's department is a party to, with standing and history; watchers read all of them."""
    wanted = Wanted(standing, department, purpose)
    async with service.pool.acquire() as connection:
        found, more = await reading.listed(connection, caller, wanted, after, limit)
    return AgreementList(agreements=found, next_after=reading.cursor_of(found[-1]) if more else None)


@router.post("/v1/agreements", status_code=201, summary="Propose an agreement, or a new version of one")
async def propose(body: Agreement, caller: Reviewer, service: Shared, life: Lives) -> Versions:
    """In force when every department of `approved_by` has approved it. 422 names the protection rule that refuses."""
    identifier, _ = await life.propose(caller, body)
    return await versions(service, caller, identifier)


@router.get("/v1/agreements/matrix")
async def matrix(caller: Watcher, agreements: InForce, on: Day | None = None) -> dict[str, Any]:
    """Department × field: by which agreements, in force on that day (today). What is not in it is not disclosed."""
    day: date = on or clock.today()
    cells: dict[str, dict[str, list[dict[str, str]]]] = {}
    for agreement in agreements:
        if agreement.in_force(day):
            row = cells.setdefault(agreement.department, {})
            for name in agreement.fields:
                row.setdefault(name, []).append(
                    {
                        "agreement": agreement.identifier,
                        "purpose": agreement.purpose,
                        "scope": agreement.scope,
                        "until": agreement.valid_until.isoformat(),
                    }
                )
    return {"on": day.isoformat(), "matrix": cells}


@router.post("/v1/agreements/preview", summary="What would be disclosed of a made-up person")
async def preview(body: Preview, caller: Reader, agreements: InForce, request: Request) -> Previewed:
    """By the agreements the caller is a party to, and a draft if one is given. Nobody is looked up, nothing is kept."""
    source: CurrentAgreements = request.app.state.agreements
    return reading.preview(body, agreements, caller, source.authorities)


@router.get("/v1/agreements/{identifier}")
async def agreement(identifier: Identifier, caller: Reader, service: Shared) -> Versions:
    """All its versions, with history. 404: unknown, or the caller's department is no party to it."""
    return await versions(service, caller, identifier)


@router.post("/v1/agreements/{identifier}/approval", summary="Sign for my department")
async def approve(identifier: Identifier, body: Signature, caller: Reviewer, service: Shared, life: Lives) -> Versions:
    """In force with the last signature. Signing twice is signing once; 409 where that version is not proposed."""
    await life.approve(caller, identifier, body.version)
    return await versions(service, caller, identifier)


@router.post("/v1/agreements/{identifier}/refuse", summary="Refuse what was proposed, or withdraw my proposal")
async def refuse(identifier: Identifier, body: Refusal, caller: Reviewer, service: Shared, life: Lives) -> Versions:
    """The version is over; another one may be proposed."""
    await life.refuse(caller, identifier, body.version, body.reason)
    return await versions(service, caller, identifier)


@router.post("/v1/agreements/{identifier}/suspend")
async def suspend(identifier: Identifier, body: Why, caller: Suspending, service: Shared, life: Lives) -> Versions:
    """From now on nothing is told under it, and what was told is withheld. Protection officers suspend any."""
    await life.suspend(caller, identifier, body.reason)
    return await versions(service, caller, identifier)


@router.post("/v1/agreements/{identifier}/resume")
async def resume(identifier: Identifier, body: Why, caller: Suspending, service: Shared, life: Lives) -> Versions:
    """By whoever suspended it: the same department, or a protection officer."""
    await life.resume(caller, identifier, body.reason)
    return await versions(service, caller, identifier)


@router.post("/v1/agreements/{identifier}/end")
async def end(identifier: Identifier, body: Why, caller: Reviewer, service: Shared, life: Lives) -> Versions:
    """For ever: the receiver's feed begins a new epoch, and the records of its Kafka topic are deleted."""
    await life.end(caller, identifier, body.reason)
    return await versions(service, caller, identifier)
