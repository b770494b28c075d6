"""What she is shown."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.alerts.contacts.views import ContactView
from services.alerts.episodes.views import EpisodeView
from services.alerts.own.callers import SLIP
from services.alerts.own.repository import Look
from services.alerts.own.words import ACTIONS, FIELDS
from services.alerts.questions.schemas import OwnQuestionView
from services.alerts.reports.schemas import OwnReportView
from shared.sharing.words import Words


class OwnView(BaseModel):
    """Her episode: what is due next and why, what became of what was due, and until when she agreed.

    `state`: active, paused or ended; `facility`: who has the duty of care.
    """

    state: str
    facility: Words
    name: str | None
    consent: str
    consent_until: date | None
    ahead: list[ContactView]
    done: list[ContactView]

    @classmethod
    def of(cls, shown: EpisodeView, facility: Words) -> "OwnView":
        """Shape an episode for her."""
        unfinished = ("planned", "open", "overdue")
        return cls(
            state=shown.state,
            facility=facility,
            name=shown.record.name if shown.record else None,
            consent=shown.consent,
            consent_until=shown.consent_until,
            ahead=[each for each in shown.contacts if each.state in unfinished],
            done=[each for each in shown.contacts if each.state not in unfinished],
        )


class LookView(BaseModel):
    """Who looked, or did something: when, from where, what for, at what. `yourself`: it was she; `by_slip`: whoever
    came with the slip, she or somebody else who saw it; `questioned`: she asked about it."""

    entry: UUID
    at: datetime
    yourself: bool
    by_slip: bool
    by: str | None
    facility: Words | None
    purpose: str
    action: Words
    fields: list[Words]
    basis: str
    questioned: bool

    @classmethod
    def of(cls, look: Look, facility: Words | None) -> "LookView":
        """Shape an entry."""
        slip = look.own and look.subject.startswith(SLIP)
        return cls(
            entry=look.access_id,
            at=look.at,
            yourself=look.own and not slip,
            by_slip=slip,
            by=look.by,
            facility=facility,
            purpose=look.purpose,
            action=ACTIONS.get(look.action) or Words(zh=look.action, en=look.action),
            fields=[FIELDS.get(each) or Words(zh=each, en=each) for each in look.fields],
            basis=look.basis,
            questioned=look.questioned,
        )


class LooksView(BaseModel):
    """The newest first; `next_after` leads to older ones."""

    looks: list[LookView]
    next_after: UUID | None


class CopyView(BaseModel):
    """Everything that is kept of her here, who looked at it, what she asked about that, and what workers said is wrong
    with her tasks."""

    episode: EpisodeView
    looks: list[LookView]
    questions: list[OwnQuestionView]
    reports: list[OwnReportView]
