"""HTTP of episodes, for staff of the facility that has the duty of care."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from services.alerts.contacts.views import MovesView, MoveView
from services.alerts.episodes import handlers
from services.alerts.episodes.enrolment import enrol
from services.alerts.episodes.schemas import (
    ConsentChangeBody,
    DatingBody,
    DeliveryBody,
    EndBody,
    EnrolmentBody,
    RiskBody,
)
from services.alerts.episodes.views import EpisodeView
from services.alerts.sessions.callers import CareWorker, acting_as, here, judge
from services.alerts.state import Alerts, alerts_of
from shared.auth.caller import Caller
from shared.errors import Forbidden
from shared.sessions.callers import any_caller
from shared.written import CallerFirst, as_written

router = APIRouter(tags=["episodes"], route_class=CallerFirst)

DryRun = Annotated[bool, Query(description="Show what would move, and change nothing.")]


async def clinician(request: Request, found: Annotated[Caller, Depends(any_caller)]) -> Caller:
    """A care worker who is listed as a clinician of their facility today; in development, where nobody need be listed,
    one who is a supervisor too. Refused before the body is judged."""
    caller = acting_as(await here(request, acting_as(judge(found), "care-worker")), "care-worker")
    if not await sets_risk(alerts_of(request), caller):
        raise Forbidden("clinician-required")
    await as_written(request)
    return caller


async def sets_risk(alerts: Alerts, caller: Caller) -> bool:
    """Whether the caller counts as a clinician of their facility today."""
    may = not alerts.staff.demanded and "supervisor" in caller.roles
    return may or await alerts.staff.is_clinician(caller)


Clinician = Annotated[Caller, Depends(clinician)]


class Enrolled(BaseModel):
    """The episode; `created` is false where there was one already."""

    episode: UUID
    created: bool


@router.post("/v1/episodes", status_code=201)
async def post(request: Request, response: Response, caller: CareWorker, body: EnrolmentBody) -> Enrolled:
    """Enrol the woman in front of the caller, with her consent; 200 with the episode there is for the same `request`,
    or for a person who is enrolled here already. With `state` "proposed" nothing about her is kept yet."""
    episode, created = await enrol(alerts_of(request).care, caller, body)
    if not created:
        response.status_code = 200
    return Enrolled(episode=episode, created=created)


@router.get("/v1/episodes/{episode}")
async def read(request: Request, response: Response, episode: UUID, caller: CareWorker) -> EpisodeView:
    """The whole care record. Every read is written into the access log."""
    response.headers["cache-control"] = "no-store"
    return await handlers.read(alerts_of(request).care, caller, episode)


@router.post("/v1/episodes/{episode}/consent", status_code=204)
async def agree(request: Request, episode: UUID, caller: CareWorker, body: ConsentChangeBody) -> None:
    """She agrees to what was proposed, or agrees again: another text, or longer."""
    await handlers.agreed(alerts_of(request).care, caller, episode, body)


@router.delete("/v1/episodes/{episode}/consent", status_code=204)
async def withdraw(request: Request, episode: UUID, caller: CareWorker) -> None:
    """She withdraws: every row is removed and the key destroyed within this call. Again is answered the same."""
    await handlers.withdraw(alerts_of(request).care, caller, episode)


@router.post("/v1/episodes/{episode}/dates")
async def dates(
    request: Request, episode: UUID, caller: CareWorker, body: DatingBody, dry_run: DryRun = False
) -> MovesView:
    """A revised dating moves the contacts still to come, and no finished one."""
    moves = await handlers.dates(alerts_of(request).care, caller, episode, body, dry_run=dry_run)
    return MovesView(applied=not dry_run, moves=[MoveView.of(each) for each in moves])


@router.post("/v1/episodes/{episode}/delivery")
async def delivery(
    request: Request, episode: UUID, caller: CareWorker, body: DeliveryBody, dry_run: DryRun = False
) -> MovesView:
    """The birth, the discharge and the children; what is told again replaces what was told before."""
    moves = await handlers.delivery(alerts_of(request).care, caller, episode, body, dry_run=dry_run)
    return MovesView(applied=not dry_run, moves=[MoveView.of(each) for each in moves])


@router.post("/v1/episodes/{episode}/risk")
async def risk(request: Request, episode: UUID, caller: Clinician, body: RiskBody) -> MovesView:
    """The level of risk and the infection flag, set by a clinician. No feed ever shows either."""
    moves = await handlers.risk(alerts_of(request).care, caller, episode, body)
    return MovesView(applied=True, moves=[MoveView.of(each) for each in moves])


@router.post("/v1/episodes/{episode}/pause", status_code=204)
async def pause(request: Request, episode: UUID, caller: CareWorker) -> None:
    """She wants no reminders for now."""
    await handlers.pause(alerts_of(request).care, caller, episode)


@router.post("/v1/episodes/{episode}/resume", status_code=204)
async def resume(request: Request, episode: UUID, caller: CareWorker) -> None:
    """Reminders begin again, as of today."""
    await handlers.resume(alerts_of(request).care, caller, episode)


@router.post("/v1/episodes/{episode}/end", status_code=204)
async def end(request: Request, episode: UUID, caller: CareWorker, body: EndBody) -> None:
    """It is over: its tasks close without a reason. Why stays sealed in the care record."""
    await handlers.end(alerts_of(request).care, caller, episode, body)
