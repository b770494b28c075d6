"""What the running reconciler keeps of intake topics. Definition only; SQL stands in repository.py."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, SmallInteger, text
from sqlmodel import Field, SQLModel


class IntakeChecked(SQLModel, table=True):
    """The last record of a partition up to which all are in the journal, or were answered."""

    __tablename__ = "intake_checked"
    topic: str = Field(primary_key=True)
    partition: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    record_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class IntakeGone(SQLModel, table=True):
    """Offsets that left a topic before anybody saw that they had been taken. `last_offset` None: and whatever was
    behind, for the topic was created anew."""

    __tablename__ = "intake_gone"
    topic: str = Field(primary_key=True)
    partition: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    first_offset: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    last_offset: int | None = Field(default=None, sa_column=Column(BigInteger))
    seen_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


INTAKE_TABLES = [IntakeChecked, IntakeGone]
