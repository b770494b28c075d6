"""Tables of secret addresses and of the calendars behind them: counts, and no task. SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel


class SecretAddress(SQLModel, table=True):
    """An address that shows the counts of a facility to whoever knows it, for the worker who made it.

    `fingerprint` is the SHA-256 of its secret, 256 random bits that are kept nowhere. `roles`: as the worker had them
    then; only those that still hold count. `issued_at`: when the present secret was made; `pulled_at` and `pulls`: the
    newest of all pulls, and how many. A revoked one is kept, so that its worker sees when it ended.
    """

    __tablename__ = "secret_address"
    __table_args__ = (
        CheckConstraint("kind IN ('feed', 'calendar')", name="secret_address_kind"),
        CheckConstraint("language IN ('zh-CN', 'en')", name="secret_address_language"),
        Index("secret_address_of_worker", "facility", "subject", "address_id"),
    )
    address_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    facility: str
    subject: str
    roles: list[str] = Field(sa_column=Column(ARRAY(String()), nullable=False))
    kind: str
    language: str
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    made_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    issued_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    pulled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    pulls: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))


class CalendarDay(SQLModel, table=True):
    """A day as a calendar showed it last; `sequence` rises with each change. Past days are removed."""

    __tablename__ = "calendar_day"
    address_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("secret_address.address_id", ondelete="CASCADE"), primary_key=True)
    )
    day: date = Field(primary_key=True)
    due: int
    overdue: int
    sequence: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


ADDRESS_TABLES = [SecretAddress, CalendarDay]
