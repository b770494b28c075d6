"""Bodies of corrections."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.registry.citizens.schemas import Department
from services.registry.questions.schemas import Lines, Written
from services.registry.sharing.entries import Said
from shared.contracts.values import Day, EventReference, Text
from shared.sharing.fields import FieldName

Side = Literal["asked", "to-decide"]
Standing = Literal["open", "overdue", "approved", "settled", "permitted", "refused", "withdrawn", "annulled"]
Action = Literal["approve", "refuse", "settle", "permit"]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Ask(Written):
    """What is wrong of oneself. `value`: what is right, where it is known; of `died_on` null says that the person
    lives. `since`: the day from which it is right, where that is not always."""

    field: FieldName
    value: Text | None = None
    reason: Lines
    since: Day | None = None


class AskOf(Ask):
    """What is wrong of a person, by the asking department's own reference."""

    reference: Reference


class Decision(Written):
    """What the authority decides. `value`: with `approve`, where it is not the one asked for; `receipt`: with `settle`,
    the authority's own event that corrected it; `supersedes`: with `permit`, another department's event that an event
    of the authority's may correct or annul."""

    decision: Action
    reason: Lines
    law: Text | None = None
    value: Text | None = None
    receipt: Annotated[UUID | None, Field(strict=False)] = None
    supersedes: EventReference | None = None


class Annul(Written):
    """Why an approved correction is taken back."""

    reason: Lines


class Asked(BaseModel):
    """A request is open; `due` is the last day for the answer."""

    correction: UUID
    due: date


class Listed(BaseModel):
    """A request without anybody in it. `asked_by`: the department that asked; null: the person. `acknowledged`: for the
    authority alone, of what it corrected: `not-yet` before the last day of its receivers (14 days) is over, whoever
    they are; then `yes`, or `overdue` where somebody's acknowledgement is missing."""

    correction: UUID
    field: FieldName
    authority: Department
    asked_by: Department | None
    asked_at: datetime
    due: date
    standing: Standing
    decided_at: datetime | None
    acknowledged: Said | None = None


class Answered(Listed):
    """A request with its answer. `value` and `reason` are as asked; `lives`: that the person lives is asked, a day of
    death is wrong. `approved` is what stands where it is approved (null of a day of death: the person lives), `answer`
    says why."""

    value: str | None
    lives: bool
    since: date | None
    reason: str | None
    approved: str | None
    answer: str | None
    law: str | None
    annulled_because: str | None


class ListedCorrections(BaseModel):
    """The one due first first; ask on with `after=next_after` until it is null."""

    corrections: list[Listed]
    next_after: UUID | None


class OwnCorrections(BaseModel):
    """The newest first; ask on with `after=next_after` until it is null. What departments asked stands among them,
    without their words."""

    corrections: list[Answered]
    next_after: UUID | None


class EventShown(BaseModel):
    """An event of another department's about the person, which the authority may be permitted to supersede."""

    source: str
    id: str
    type: str
    department: Department
    effective_on: date


class Question(BaseModel):
    """What the authority decides about: whom, the field as it stands, and which departments say so."""

    reference: str
    name: str | None
    birth_date: date | None
    current: str | None
    said_by: list[Department]
    events: list[EventShown]


class Shown(Answered):
    """A request as one of the two departments sees it. `question`: for the authority, while the request is open."""

    reference: str
    direct: bool
    question: Question | None
