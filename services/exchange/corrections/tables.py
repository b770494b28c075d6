"""Tables of corrections. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, Text, text
from sqlmodel import Field, SQLModel


class Correction(SQLModel, table=True):
    """A department was told that a value it had been given is wrong. `entry_id`: the entry on its feed, which says
    what is right; here stand names of fields only. `batch`: the bulk load that corrected it."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("kind IN ('corrected', 'withdrawn')", name="correction_kind"),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="correction_acknowledged"),
        Index("correction_of_department", "department", "correction_id"),
        Index(
            "correction_unacknowledged", "department", "correction_id", postgresql_where=text("acknowledged_at IS NULL")
        ),
    )
    entry_id: UUID = Field(primary_key=True)
    correction_id: UUID = Field(unique=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    department: str
    reference: str
    kind: str
    fields: list[str] = Field(sa_column=Column(ARRAY(Text()), nullable=False))
    batch: str | None = None
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    acknowledge_by: date
    acknowledged_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    acknowledged_by: str | None = None


class CorrectionCause(SQLModel, table=True):
    """The vital event that corrected something, and one entry by which a department was told."""

    __tablename__ = "correction_cause"
    receipt: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True, foreign_key="correction.entry_id")


class DecidedCorrection(SQLModel, table=True):
    """A correction that an authority decided in the registry, by the receipt by which departments hear of it. `told`:
    what the registry was told last of their acknowledgements, of `tellings` altogether; `open`: to be looked at again
    after the last day."""

    __tablename__ = "decided_correction"
    __table_args__ = (Index("decided_correction_open", "acknowledge_by", postgresql_where=text("open")),)
    receipt: UUID = Field(primary_key=True)
    correction: UUID
    authority: str
    acknowledge_by: date
    told: str = Field(default="not-yet", sa_column_kwargs={"server_default": text("'not-yet'")})
    tellings: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    open: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})


CORRECTION_TABLES = [Correction, CorrectionCause, DecidedCorrection]
