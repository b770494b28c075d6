"""HTTP of assignments."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.assignments import handlers
from services.alerts.assignments.repository import Assigned
from services.alerts.assignments.schemas import WorkersBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["staff"], route_class=CallerFirst)


class WorkerView(BaseModel):
    """A worker named for an episode."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    subject: str
    begins: Annotated[date, Field(alias="from")]
    until: date | None


class WorkersView(BaseModel):
    """Everybody named for an episode."""

    workers: list[WorkerView]


@router.get("/v1/episodes/{episode}/workers")
async def read(request: Request, episode: UUID, caller: CareWorker) -> WorkersView:
    """Who of the facility on duty is named for the episode."""
    return shown(await handlers.read(alerts_of(request).care, caller, episode))


@router.put("/v1/episodes/{episode}/workers")
async def put(request: Request, episode: UUID, caller: CareWorker, body: WorkersBody) -> WorkersView:
    """Name one worker or several, and nobody else. It says who acts, not who may see."""
    return shown(await handlers.put(alerts_of(request).care, caller, episode, body))


def shown(workers: list[Assigned]) -> WorkersView:
    """Shape them."""
    return WorkersView(
        workers=[WorkerView(subject=each.subject, begins=each.valid_from, until=each.valid_until) for each in workers]
    )
