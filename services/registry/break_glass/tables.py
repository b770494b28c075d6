"""Table of the times that glass was broken. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class BreakGlass(SQLModel, table=True):
    """An official may look up one person until an instant although no case stands. Without a person nobody certain was
    found; it counts against the day all the same. The reason and the justification are sealed."""

    __tablename__ = "break_glass"
    __table_args__ = (
        Index("break_glass_of_day", "department", "day"),
        Index("break_glass_of_person", "person_id", "grant_id"),
    )
    grant_id: UUID = Field(primary_key=True)
    department: str
    subject: str
    day: date
    person_id: UUID | None = Field(default=None, foreign_key="person.person_id")
    category: str
    reason: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    granted_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    justify_by: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    justification: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    justified_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


BREAK_GLASS_TABLES = [BreakGlass]
