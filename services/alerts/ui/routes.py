"""All pages of alerts. The worklist comes before its single tasks: what it calls `paper` is no task's id."""

from services.alerts.ui import (
    asked,
    assigned,
    care,
    channels,
    deciding,
    enrolment,
    handovers,
    needs,
    outcomes,
    own,
    schedules,
    staff,
    supervision,
    webhooks,
    worklist,
)

PAGE_ROUTERS = [
    worklist.LOGIN,
    worklist.router,
    outcomes.router,
    enrolment.router,
    asked.router,
    handovers.router,
    needs.router,
    deciding.router,
    care.router,
    schedules.router,
    assigned.router,
    supervision.router,
    staff.router,
    channels.router,
    webhooks.router,
    own.router,
]
