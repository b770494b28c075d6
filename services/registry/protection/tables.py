"""Table of protected people. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class Protection(SQLModel, table=True):
    """A department protects a person, until two of its officials end it. `body`: the ground, and why, sealed.

    `person_id` follows merges, so that it always names a person that lives on. `review_by`: the last day on which the
    department looks at it again. `end_asked_*`: one official wants it ended; the reason is sealed.
    """

    __tablename__ = "protection"
    __table_args__ = (
        Index("protection_of_person", "person_id", postgresql_where=text("ended_at IS NULL")),
        Index("protection_of_department", "department", "protection_id"),
    )
    protection_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.person_id")
    department: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    marked_by: str
    marked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    review_by: date
    end_asked_by: str | None = None
    end_asked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    end_reason: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    ended_by: str | None = None
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


PROTECTION_TABLES = [Protection]
