"""GET /overview: the work of all departments, for administrators. Counts of events and entries, not of people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.exchange.ui import repository
from services.exchange.ui.flow import flow
from services.exchange.ui.frame import PAGES, Administrator, frame, titles
from shared import clock
from shared.app import Service, service_of
from shared.feed.parked import count_unsettled, unsettled
from shared.reconciliation import repository as reconciler
from shared.reconciliation.kinds import MEANINGS, Finding
from shared.sessions.pages import page_route

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

SHOWN = 20


@dataclass(frozen=True)
class Work:
    """One department's figures. `waiting`: on their way; `undelivered`: what its webhooks have still to get."""

    department: str
    reported: int = 0
    applied: int = 0
    held: int = 0
    overdue: int = 0
    rejected: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    last_seen: datetime | None = None
    told: int = 0
    told_at: datetime | None = None
    webhooks: int = 0
    undelivered: int = 0
    webhooks_parked: int = 0
    unacknowledged: int = 0
    unacknowledged_late: int = 0


@router.get("/overview")
async def overview(
    request: Request, caller: Administrator, service: Annotated[Service, Depends(service_of)]
) -> Response:
    """Who reported what, what became of it, who was told how much, and what waits for somebody."""
    async with service.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        figures = await repository.work(connection, clock.today())
        found = await reconciler.listed(connection, False, Finding("", ""), SHOWN)
        parked, in_all = await unsettled(connection, SHOWN), await count_unsettled(connection)
    work = [msgspec.convert({"department": name, **figures.get(name, {})}, Work) for name in titles(request)]
    picture = flow(
        [(each.department, each.reported) for each in work],
        [(each.department, each.told) for each in work],
        sum(each.applied for each in work),
    )
    values = {"work": work, "flow": picture, "parked": parked, "parked_in_all": in_all, "now": clock.now()}
    values |= {"findings": found, "meanings": MEANINGS}
    values |= {"titles": titles(request), "total": totals(work)}
    return PAGES.render(request, "overview.html", values | frame(request, caller))


def totals(work: list[Work]) -> dict[str, int]:
    """The sums of all departments."""
    names = (
        "reported",
        "applied",
        "held",
        "overdue",
        "rejected",
        "waiting",
        "told",
        "undelivered",
        "webhooks_parked",
        "unacknowledged",
        "unacknowledged_late",
    )
    return {name: sum(getattr(each, name) for each in work) for name in names}
