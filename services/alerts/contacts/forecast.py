"""Everything that is still to come of an episode, by the schedules it follows: not only the next contacts, which alone
are rows."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel

from services.alerts.contacts.notes import ContactNote
from services.alerts.contacts.planning import Held, facts_of
from services.alerts.contacts.views import ReasonView, reason_of
from services.alerts.episodes.care import Care
from services.alerts.episodes.record import CareRecord
from services.alerts.schedules.plan import PlannedContact, plan
from services.alerts.schedules.selection import Catalogue, UnknownSchedule
from shared.sharing.words import Words


class ComingView(BaseModel):
    """One contact to come. `waits_for`: what must be done before; its dates are then a forecast."""

    schedule: str
    version: str
    called: Words
    code: str
    child: int | None
    opens_on: date
    due_on: date
    closes_on: date
    waits_for: Words | None
    reason: ReasonView | None


def forecast(care: Care, record: CareRecord, known: Sequence[Held]) -> list[ComingView]:
    """What comes, in order of time; nothing where a schedule that is followed is not provided any more."""
    facts = facts_of(record, known)
    if facts is None:
        return []
    try:
        return [coming(care, each) for each in plan(care.catalogue, record.choices, facts)]
    except UnknownSchedule:
        return []


def coming(care: Care, planned: PlannedContact) -> ComingView:
    """Shape one."""
    return ComingView(
        schedule=planned.schedule,
        version=planned.version,
        called=care.catalogue[planned.schedule, planned.version].title,
        code=planned.code,
        child=planned.child,
        opens_on=planned.opens_on,
        due_on=planned.due_on,
        closes_on=planned.closes_on,
        waits_for=title_of(care.catalogue, planned, planned.waits_for) if planned.waits_for else None,
        reason=reason_of(care, ContactNote.of(planned)),
    )


def title_of(catalogue: Catalogue, planned: PlannedContact, code: str) -> Words:
    """What another contact of the same schedule is called."""
    return catalogue.explain(planned.schedule, planned.version, code).title
