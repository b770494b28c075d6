"""Tables of cases. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class DepartmentCase(SQLModel, table=True):
    """A department's case on a person, under its own reference only: cases of two departments cannot be joined.

    `told`: the first entry, with everything the department is entitled to, was given; from then on only changes.
    `reporting`: something that the department reported on the person counts. Without it the row says only what was
    told, for cases by call; `reported_until` and `reason`: when and why the case by reporting ended.
    """

    __tablename__ = "department_case"
    __table_args__ = (UniqueConstraint("department", "case_id", name="department_case_id"),)
    department: str = Field(primary_key=True)
    reference: str = Field(primary_key=True)
    opened_by: UUID
    told: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    opened_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    case_id: UUID = Field(sa_column_kwargs={"server_default": text("uuidv7()")})
    reporting: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    reported_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    reason: str | None = None


class CaseByCall(SQLModel, table=True):
    """A case that a department asked for. By whom the person was named is not kept here: the sealed feed `sharing`
    carries it to the registry. `id` is the department's own, unique for ever; `digest` is keyed, salted by the case,
    and tells the same question from another one; `reference` is known once the case is open.
    `asked_on` (a day in Asia/Shanghai) and `asked_by` (a keyed digest of the official's name) count against the quotas;
    a case that this database had forgotten and was told of has neither."""

    __tablename__ = "case_by_call"
    __table_args__ = (
        UniqueConstraint("department", "id", name="case_asked_once"),
        CheckConstraint("status IN ('asked', 'open', 'not-found', 'ended')", name="case_by_call_status"),
        Index("case_by_call_of", "department", "reference", postgresql_where=text("status = 'open'")),
        Index("case_by_call_listed", "department", "case_id"),
        Index("case_by_call_counted", "asked_on", "department"),
    )
    case_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    department: str
    id: str
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    purpose: str
    agreement: str
    until: date
    status: str = Field(default="asked", sa_column_kwargs={"server_default": text("'asked'")})
    reason: str | None = None
    reference: str | None = None
    asked_on: date | None = None
    asked_by: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    asked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    opened_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    closed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


CASE_TABLES = [DepartmentCase, CaseByCall]
