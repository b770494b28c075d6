"""Tables of corrections. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

OPEN = text("standing = 'open'")


class CorrectionRequest(SQLModel, table=True):
    """Somebody asks that a field of a person be corrected. `authority`: the department that decides. `department` and
    `asked_by`: the official who asked; null: the person. Sealed: `body` (value, reason, since), `answer`, `annulment`.
    `standing`: open, approved, settled, permitted, refused, withdrawn or annulled. `acknowledged`: what the exchange
    told last of its receivers; null before."""

    __tablename__ = "correction_request"
    __table_args__ = (
        Index("correction_request_of_person", "person_id", "request_id"),
        Index("correction_request_of_department", "department", "due", "request_id"),
        Index("correction_request_of_authority", "authority", "due", "request_id"),
        Index("correction_request_open", "due", "request_id", postgresql_where=OPEN),
    )
    request_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.person_id")
    field: str
    authority: str
    department: str | None = None
    asked_by: str | None = None
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    asked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    due: date
    standing: str = Field(default="open", sa_column_kwargs={"server_default": text("'open'")})
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    settled_by: UUID | None = None
    annulment: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    annulled_by: str | None = None
    annulled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    acknowledged: str | None = None


class CorrectionPermit(SQLModel, table=True):
    """An authority may supersede this event of another department's."""

    __tablename__ = "correction_permit"
    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    department: str = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="correction_request.request_id")


CORRECTION_TABLES = [CorrectionRequest, CorrectionPermit]
