"""HTTP of care contacts: what became of them."""

from uuid import UUID

from fastapi import APIRouter, Request

from services.alerts.contacts import handlers
from services.alerts.contacts.schemas import OutcomeBody
from services.alerts.contacts.views import ContactView
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["care contacts"], route_class=CallerFirst)
PATH = "/v1/episodes/{episode}/contacts/{contact}/outcome"


@router.post(PATH)
async def record(request: Request, episode: UUID, contact: UUID, caller: CareWorker, body: OutcomeBody) -> ContactView:
    """What became of a contact. The same again is answered the same; another one needs the first taken back."""
    return await handlers.record_outcome(alerts_of(request).care, caller, episode, contact, body)


@router.delete(PATH, status_code=204)
async def undo(request: Request, episode: UUID, contact: UUID, caller: CareWorker) -> None:
    """Take an outcome back. It stays on record as undone."""
    await handlers.undo_outcome(alerts_of(request).care, caller, episode, contact)
