"""The table of what departments were told. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel


class Told(SQLModel, table=True):
    """What a department was last told of a person, under its own reference only; `body` is sealed.

    `how` and `told_at`: the newest disclosure. `epoch` and `position`: the newest entry of its feed that told
    something. `as_of`: when the registry told what was taken in last; what is read again and older says nothing new.
    """

    __tablename__ = "told"
    __table_args__ = (CheckConstraint("how IN ('feed', 'look-up')", name="told_how"),)
    department: str = Field(primary_key=True)
    reference: str = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    how: str
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    as_of: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    epoch: UUID | None = None
    position: int | None = Field(default=None, sa_column=Column(BigInteger))


TOLD_TABLES = [Told]
