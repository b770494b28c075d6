"""Bodies of questioned access."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registry.citizens.schemas import Department

# Several lines are allowed; other control characters mean something else to the next reader.
Lines = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]+$")]
Standing = Literal["open", "overdue", "answered"]


class Written(BaseModel):
    """Base of what is sent."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class Ask(Written):
    """Which entry of one's own log is questioned (`entry` of GET /v1/me/disclosures), and what is asked."""

    entry: Annotated[UUID, Field(strict=False)]
    text: Lines


class Say(Written):
    """A statement or an answer."""

    text: Lines


class OwnQuestion(BaseModel):
    """A question of one's own. `answer` is the protection officer's, null until `due` at the latest."""

    question: UUID
    entry: UUID
    asked_at: datetime
    due: date
    standing: Standing
    text: str
    answer: str | None
    answered_at: datetime | None


class OwnQuestions(BaseModel):
    """The newest first; ask on with `after=next_after` until it is null."""

    questions: list[OwnQuestion]
    next_after: UUID | None


class Entry(BaseModel):
    """The questioned entry. `official` is who acted, as their token named them."""

    entry: UUID
    at: datetime
    action: str
    department: Department | None
    service: str | None
    official: str
    purpose: str
    fields: list[str]
    basis: str


class QuestionListed(BaseModel):
    """A question in a list: without its text, which is read one at a time, and written down."""

    question: UUID
    entry: UUID
    department: Department | None
    asked_at: datetime
    due: date
    standing: Standing
    stated: bool


class QuestionsListed(BaseModel):
    """The one due first first; ask on with `after=next_after` until it is null."""

    questions: list[QuestionListed]
    next_after: UUID | None


class QuestionRead(QuestionListed):
    """Everything the protection officer decides by."""

    text: str
    about: Entry
    statement: str | None
    stated_at: datetime | None
    answer: str | None
    answered_at: datetime | None


class Asked(BaseModel):
    """What a department is asked about its own access: the entry. Who asks, and what they wrote, is for the protection
    officer."""

    question: UUID
    about: Entry
    due: date
    statement: str | None


class AskedOfUs(BaseModel):
    """The open questions about a department's own accesses; ask on with `after=next_after` until it is null."""

    questions: list[Asked]
    next_after: UUID | None
