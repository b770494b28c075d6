"""Table of cases by call. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, SQLModel


class CalledCase(SQLModel, table=True):
    """A case that a department asked for by call: on whom, for what, on which agreement, to which last day.

    Without a person nobody was found, or nobody certain; the row only knows that the question was answered. A case by
    reporting has no row: the department's facts of the person are the case.
    """

    __tablename__ = "called_case"
    __table_args__ = (
        Index("called_case_of", "person_id", "department"),
        Index("called_case_open", "until", postgresql_where=text("person_id IS NOT NULL AND closed_at IS NULL")),
    )
    case_id: UUID = Field(primary_key=True)
    department: str
    person_id: UUID | None = Field(default=None, foreign_key="person.person_id")
    purpose: str
    agreement: str
    until: date
    opened_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    closed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    reason: str | None = None


CASE_TABLES = [CalledCase]
