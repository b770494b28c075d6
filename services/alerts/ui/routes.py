"""All pages of alerts. The worklist comes before its single tasks: what it calls `paper` is no task's id."""

from services.alerts.ui import asked, care, enrolment, handovers, outcomes, own, schedules, supervision, worklist

PAGE_ROUTERS = [
    worklist.LOGIN,
    worklist.router,
    outcomes.router,
    enrolment.router,
    asked.router,
    handovers.router,
    care.router,
    schedules.router,
    supervision.router,
    own.router,
]
