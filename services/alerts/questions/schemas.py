"""Bodies of questioned accesses."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.alerts.own.repository import Look
from services.alerts.own.words import ACTIONS, FIELDS
from services.alerts.questions.repository import Stored
from shared.clock import SHANGHAI
from shared.contracts.values import Value
from shared.sharing.words import Words

# Several lines are allowed; other control characters mean something else to the next reader.
Lines = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]+$")]


class Ask(Value):
    """Which entry of her own log she questions (`entry` of GET /v1/me/episode/disclosures), and what she asks."""

    entry: Annotated[UUID, Field(strict=False)]
    text: Lines


class Answer(Value):
    """The facility's answer."""

    text: Lines


class About(BaseModel):
    """The entry that is questioned. `by`: the worker, as their credential names them; null: whoever used her own page.
    `fields`: what was seen, never its values."""

    by: str | None
    on: date
    action: Words
    fields: list[Words]

    @classmethod
    def of(cls, look: Look) -> "About":
        """Shape an entry."""
        return cls(
            by=look.by,
            on=look.at.astimezone(SHANGHAI).date(),
            action=ACTIONS.get(look.action) or Words(zh=look.action, en=look.action),
            fields=[FIELDS.get(each) or Words(zh=each, en=each) for each in look.fields],
        )


class QuestionView(BaseModel):
    """A question as the supervisors who are asked see it: the access, and her words; not who she is."""

    question: UUID
    about: About
    text: str
    asked_on: date
    due_on: date
    overdue: bool

    @classmethod
    def of(cls, stored: Stored, text: str, today: date) -> "QuestionView":
        """Shape it."""
        return cls(
            question=stored.question_id,
            about=About.of(stored.look),
            text=text,
            asked_on=stored.asked_on,
            due_on=stored.due_on,
            overdue=stored.state == "open" and stored.due_on < today,
        )


class QuestionsView(BaseModel):
    """What waits for an answer, the one due first first; 200 at most."""

    questions: list[QuestionView]


class OwnQuestionView(QuestionView):
    """A question as she sees it. `state`: open or answered; the answer is due on `due_on`."""

    entry: UUID
    state: str
    facility: Words
    answer: str | None
    answered_on: date | None


class OwnQuestionsView(BaseModel):
    """Her questions, the newest first."""

    questions: list[OwnQuestionView]
