"""Departments' own lists compared with the journal: what was asked, and every difference. Definition only.

No personal data: source and id as they stand in the journal; the department's own record number is sealed.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


def moment() -> Column[datetime]:
    """An instant that the database sets."""
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))


class Reconciliation(SQLModel, table=True):
    """One list of one period; `counts` is final when the state is `done`."""

    __tablename__ = "reconciliation"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'failed')", name="reconciliation_state"),
        Index("reconciliation_by_department", "department", "reconciliation_id"),
    )
    reconciliation_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    department: str
    first_day: date
    last_day: date
    state: str
    rows: int
    compared: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    counts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'::jsonb")))
    began_at: datetime = Field(sa_column=moment())
    moved_at: datetime = Field(sa_column=moment())


class Difference(SQLModel, table=True):
    """A vital event that list and journal do not have alike, or that both have and that is not applied."""

    __tablename__ = "reconciliation_difference"
    __table_args__ = (Index("reconciliation_difference_by_kind", "reconciliation_id", "kind", "number"),)
    reconciliation_id: UUID = Field(
        sa_column=Column(
            Uuid, ForeignKey("reconciliation.reconciliation_id", ondelete="CASCADE"), primary_key=True, nullable=False
        )
    )
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: str
    why: str
    source: str
    id: str
    line: int | None = None
    receipt: UUID | None = None
    record: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


LIST_TABLES = [Reconciliation, Difference]
