"""HTTP of help that a person asked for."""

from fastapi import APIRouter, Request, Response

from services.alerts.asked import handlers
from services.alerts.asked.schemas import AskedBody, HelpsView
from services.alerts.episodes.routes import Enrolled
from services.alerts.sessions.callers import CareStaff, CareWorker
from services.alerts.state import alerts_of
from shared.written import CallerFirst

router = APIRouter(tags=["help asked for"], route_class=CallerFirst)


@router.get("/v1/help-asked-for")
async def offered(request: Request, caller: CareStaff) -> HelpsView:
    """What may be asked for here today, each task with its rule, version and clause. It tells nothing of anybody."""
    return handlers.offered(alerts_of(request).care, caller)


@router.post("/v1/help-asked-for", status_code=201)
async def ask(request: Request, response: Response, caller: CareWorker, body: AskedBody) -> Enrolled:
    """Take down what the person in front of the caller asks for, with their consent; 200 with the episode there is for
    the same `request`, or for the same help for the same person. It is then an episode like any other."""
    episode, created = await handlers.ask(alerts_of(request).care, caller, body)
    if not created:
        response.status_code = 200
    return Enrolled(episode=episode, created=created)
