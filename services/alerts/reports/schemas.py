"""Bodies of reports that a task is wrong."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from shared.contracts.values import Value


class Wrong(StrEnum):
    """What is wrong with a task. No word of the list says anything about anybody's health."""

    DONE_ALREADY = "done-already"
    WRONG_PERSON = "wrong-person"
    WRONG_DATE = "wrong-date"
    NOT_OURS = "not-ours"
    OTHER = "other"


class ReportBody(Value):
    """What is wrong; `note` is sealed, and read by care workers on duty alone."""

    wrong: Annotated[Wrong, Field(strict=False)]
    note: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")] | None = None


class ReportView(BaseModel):
    """A report as supervisors see it: that a task of this worker is said to be wrong, and not whose it is."""

    report: UUID
    reported_at: datetime
    by: str
    wrong: Wrong
    help: str


class NoteView(BaseModel):
    """A report as care workers on duty read it, with the words of whoever said so."""

    task: UUID
    reported_at: datetime
    by: str
    wrong: Wrong
    note: str | None


class OwnReportView(BaseModel):
    """A report about one of her tasks, as she has it in her copy. `note`: its words; `withheld`: there are some, and
    they are about whose task it is instead: another person."""

    task: UUID
    reported_at: datetime
    by: str
    wrong: Wrong
    note: str | None
    withheld: bool


class NotesView(BaseModel):
    """What is not settled of an episode's tasks, the oldest first."""

    notes: list[NoteView]


class ReportsView(BaseModel):
    """Those that are not settled, the oldest first."""

    reports: list[ReportView]
