"""The table of help with birth registration."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, LargeBinary, SmallInteger, text
from sqlmodel import Field, SQLModel


class RegistrationHelp(SQLModel, table=True):
    """Help with registering one birth. Why it ended is not kept: `ended` only says that it is over for good.

    `names` (sealed JSON of mother and child) is emptied when the help closes. `facility` is the one that sees it, or
    saw it last. `step` counts what was announced on facility feeds. `next_change_on` is set while a date alone
    changes it.
    """

    __tablename__ = "registration_help"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'open', 'closed')", name="registration_help_state"),
        CheckConstraint("state <> 'waiting' OR next_change_on IS NOT NULL", name="registration_help_clock"),
        Index("registration_help_due", "next_change_on", postgresql_where=text("next_change_on IS NOT NULL")),
        Index("registration_help_worklist", "facility", "born_on", "help_id", postgresql_where=text("state = 'open'")),
        Index("registration_help_mother", "mother"),
    )
    help_id: UUID = Field(primary_key=True)
    child: str = Field(unique=True)
    mother: str
    born_on: date
    names: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    asked: bool
    ended: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    state: str
    facility: str | None = None
    area: str | None = None
    step: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    next_change_on: date | None = None
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    told_position: int = Field(sa_column=Column(BigInteger, nullable=False))
