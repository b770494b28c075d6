"""/episodes: what needs a look though no contact is due, one list for each reason."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.alerts.needs import handlers
from services.alerts.needs.routes import After
from services.alerts.needs.rules import Need
from services.alerts.needs.schemas import NeedingBody
from services.alerts.sessions.callers import CareWorker
from services.alerts.state import Alerts, alerts_of
from services.alerts.ui.frame import PAGES, frame
from services.alerts.ui.handovers import called
from shared.sessions.pages import page_route
from shared.sharing.words import Words

ROWS = 50
router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))


@router.get("/episodes")
async def read(
    request: Request, caller: CareWorker, needs: Annotated[Need | None, Query()] = None, after: After = None
) -> Response:
    """One list of the reader's facility; without a choice the first that has somebody in it."""
    alerts = alerts_of(request)
    page = await handlers.listed(alerts, caller, needs, after, ROWS)
    shown = [(NeedingBody.of(page.need, each), place(alerts, each.stored.moved_to)) for each in page.episodes]
    values = {
        "page": page,
        "episodes": [each for each in shown if not each[0].damaged],
        "damaged": [each for each, _ in shown if each.damaged],
        "today": alerts.today(),
        "later": after is not None,
    }
    return PAGES.render(request, "needs.html", values | frame(request, caller, "/episodes"))


def place(alerts: Alerts, facility: str | None) -> Words | None:
    """What the facility is called about which somebody is to be asked."""
    return called(alerts, facility) if facility else None
