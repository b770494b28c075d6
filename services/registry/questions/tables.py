"""Table of questioned entries of the access log. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class Question(SQLModel, table=True):
    """A person questions one entry about themselves. `department`: whose access it was, if a department's. The texts
    are sealed: the person's question, the department's reason, the protection officer's answer."""

    __tablename__ = "question"
    __table_args__ = (
        Index("question_of_person", "person_id", "question_id"),
        Index("question_of_department", "department", "question_id"),
        Index("question_open", "due", "question_id", postgresql_where=text("answered_at IS NULL")),
    )
    question_id: UUID = Field(primary_key=True)
    access_id: UUID = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.person_id")
    department: str | None = None
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    asked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    due: date
    statement: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    stated_by: str | None = None
    stated_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


QUESTION_TABLES = [Question]
