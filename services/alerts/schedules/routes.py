"""HTTP of schedules, for staff of the facility that has the duty of care."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request

from services.alerts.contacts.views import MovesView, MoveView
from services.alerts.schedules import handlers
from services.alerts.schedules.schedule import Code, EpisodeKind
from services.alerts.schedules.schemas import AdoptionBody, ScheduleOffered, SchedulesOffered
from services.alerts.sessions.callers import CareStaff, CareWorker
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["schedules"], route_class=CallerFirst)

DryRun = Annotated[bool, Query(description="Show what would move, and change nothing.")]
Named = Annotated[Code, Path(description="The schedule, such as `cn-antenatal`.")]


@router.get("/v1/schedules")
async def offered(request: Request, caller: CareStaff, kind: EpisodeKind) -> SchedulesOffered:
    """What an episode of this kind may follow at the caller's facility today, with every clause."""
    found = handlers.offered(alerts_of(request).care, caller, kind)
    return SchedulesOffered(schedules=[ScheduleOffered.of(each) for each in found])


@router.put("/v1/episodes/{episode}/schedules/{schedule}")
async def adopt(
    request: Request, episode: UUID, schedule: Named, caller: CareWorker, body: AdoptionBody, dry_run: DryRun = False
) -> MovesView:
    """Follow this version from today on: contacts still to come move, appear or vanish, and no finished one changes."""
    moves = await handlers.follow(alerts_of(request).care, caller, episode, schedule, body.version, dry_run=dry_run)
    return MovesView(applied=not dry_run, moves=[MoveView.of(each) for each in moves])


@router.delete("/v1/episodes/{episode}/schedules/{schedule}")
async def leave(
    request: Request, episode: UUID, schedule: Named, caller: CareWorker, dry_run: DryRun = False
) -> MovesView:
    """Follow this schedule no more: its contacts still to come vanish, and what was done stays on record."""
    moves = await handlers.follow(alerts_of(request).care, caller, episode, schedule, None, dry_run=dry_run)
    return MovesView(applied=not dry_run, moves=[MoveView.of(each) for each in moves])
