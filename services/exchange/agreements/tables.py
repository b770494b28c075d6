"""Tables of agreements. Definition only: SQL stands in repository.py."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class AgreementVersion(SQLModel, table=True):
    """One version of a sharing agreement: what it says, for ever, and how it stands now.

    `provisioned`: it came from a file and not by call. The word `approved` is no standing of its own: an agreement
    that all have signed is in force from its first day.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint(
            "standing IN ('proposed', 'in-force', 'suspended', 'ended', 'expired', 'replaced', 'refused', 'withdrawn')",
            name="agreement_standing",
        ),
        Index("agreement_proposed_once", "identifier", unique=True, postgresql_where=text("standing = 'proposed'")),
        Index(
            "agreement_effective_once",
            "identifier",
            unique=True,
            postgresql_where=text("standing IN ('in-force', 'suspended')"),
        ),
    )
    identifier: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    department: str
    standing: str
    provisioned: bool
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class AgreementStep(SQLModel, table=True):
    """What was done with an agreement, by whom and why. Appended only, under one lock: `step` is the number of
    everything that was ever changed, so that its newest value tells readers whether they are up to date."""

    __tablename__ = "agreement_step"
    __table_args__ = (
        ForeignKeyConstraint(["identifier", "version"], ["agreement.identifier", "agreement.version"]),
        CheckConstraint(
            "what IN ('proposed', 'approved', 'in-force', 'suspended', 'resumed', 'ended', 'expired', 'replaced',"
            " 'refused', 'withdrawn')",
            name="agreement_step_what",
        ),
        Index(
            "agreement_signed_once",
            "identifier",
            "version",
            "department",
            unique=True,
            postgresql_where=text("what = 'approved'"),
        ),
        Index("agreement_step_of", "identifier", "version", "step"),
    )
    step: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    entry_id: UUID = Field(unique=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    identifier: str
    version: int = Field(sa_column=Column(SmallInteger, nullable=False))
    at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    what: str
    department: str | None = None
    role: str
    subject: str
    reason: str | None = None


class FeedPurge(SQLModel, table=True):
    """A department's Kafka topic that holds what may no longer be read: `asked` beyond `done` asks its relay to delete
    all records and to publish the feed again, as it may be read now.

    `ended_since`: since when the topic has held values of somebody on whom the last case has ended. That happens all
    the time, and a topic is long: it is asked for once for all that ended within a while.
    """

    __tablename__ = "feed_purge"
    department: str = Field(primary_key=True)
    asked: int = Field(sa_column=Column(BigInteger, nullable=False))
    done: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    ended_since: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


AGREEMENT_TABLES = [AgreementVersion, AgreementStep, FeedPurge]
