"""A care contact as it is read: what it is for and who says so, its dates, and what became of it."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.alerts.contacts import outcomes
from services.alerts.contacts.notes import ContactNote, OutcomeNote
from services.alerts.contacts.outcomes import Window
from services.alerts.contacts.planning import Held
from services.alerts.episodes.care import Care
from services.alerts.schedules.moves import Move
from services.alerts.schedules.plan import PlannedContact
from services.alerts.schedules.selection import UnknownSchedule
from shared.sharing.words import Words


class ReasonView(BaseModel):
    """What is asked for, why, and which clause of which source says so; `dates_by`: who says when."""

    title: Words
    reason: Words
    clause: Words
    source: Words
    dates_by: str


class OutcomeView(BaseModel):
    """What became of a contact. `timing` where it was done; `back_dated`: written down after the day it is about."""

    kind: str
    on: date
    recorded_on: date
    back_dated: bool
    timing: str | None
    by: str
    note: str | None
    referral: int | None

    @classmethod
    def of(cls, told: OutcomeNote, window: Window) -> "OutcomeView":
        """Shape an outcome."""
        outcome = told.outcome()
        timing = outcomes.timing(window, outcome)
        return cls(
            kind=told.kind.value,
            on=told.on,
            recorded_on=told.recorded_on,
            back_dated=outcome.back_dated,
            timing=timing.value if timing else None,
            by=told.by,
            note=told.note,
            referral=told.referral,
        )


class ContactView(BaseModel):
    """One contact. `reason` is None where its schedule is not provided any more."""

    contact: UUID
    schedule: str
    version: str
    code: str
    child: int | None
    state: str
    opens_on: date
    due_on: date
    closes_on: date
    reason: ReasonView | None
    outcome: OutcomeView | None
    undone: list[OutcomeView]


class MoveView(BaseModel):
    """One difference between two plans: what moves, appears or vanishes."""

    change: str
    schedule: str
    code: str
    child: int | None
    before: tuple[date, date, date] | None
    after: tuple[date, date, date] | None

    @classmethod
    def of(cls, move: Move) -> "MoveView":
        """Shape a difference."""
        shown = move.after or move.before
        assert shown is not None
        return cls(
            change=move.change.value,
            schedule=shown.schedule,
            code=shown.code,
            child=shown.child,
            before=dates_of(move.before),
            after=dates_of(move.after),
        )


class MovesView(BaseModel):
    """What a change does to the contacts still to come; `applied`: whether it was made."""

    applied: bool
    moves: list[MoveView]


def dates_of(planned: PlannedContact | None) -> tuple[date, date, date] | None:
    """When it opens, is due and closes."""
    return None if planned is None else (planned.opens_on, planned.due_on, planned.closes_on)


def reason_of(care: Care, note: ContactNote) -> ReasonView | None:
    """Why a contact is asked for."""
    try:
        found = care.catalogue.explain(note.schedule, note.version, note.code)
    except UnknownSchedule:
        return None
    return ReasonView(
        title=found.title, reason=found.reason, clause=found.clause, source=found.source, dates_by=found.dates_by
    )


def contact_view(care: Care, contact: Held) -> ContactView:
    """Shape a contact."""
    row, note = contact.row, contact.note
    return ContactView(
        contact=row.contact_id,
        schedule=note.schedule,
        version=note.version,
        code=note.code,
        child=note.child,
        state=row.state.value,
        opens_on=row.opens_on,
        due_on=row.due_on,
        closes_on=row.closes_on,
        reason=reason_of(care, note),
        outcome=OutcomeView.of(contact.outcome, row.window) if contact.outcome else None,
        undone=[OutcomeView.of(each, row.window) for each in contact.undone],
    )
