"""The exchange's schema. Definition only: SQL stands in each feature's repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from services.exchange.agreements.tables import AGREEMENT_TABLES
from services.exchange.cases.tables import CASE_TABLES
from services.exchange.corrections.tables import CORRECTION_TABLES
from services.exchange.deliveries.tables import DELIVERY_TABLES
from services.exchange.protection.tables import PROTECTION_TABLES
from services.exchange.reconciliation.tables import LIST_TABLES
from services.exchange.reconciliation.topics.tables import INTAKE_TABLES
from services.exchange.subscriptions.tables import SUBSCRIPTION_TABLES
from services.exchange.told.tables import TOLD_TABLES
from shared.feed.parked import Parked
from shared.feed.tables import FEED_TABLES
from shared.reconciliation.tables import RECONCILIATION_TABLES
from shared.sessions.tables import SESSION_TABLES


class Journal(SQLModel, table=True):
    """Every accepted vital event, for ever: at once the journal and the entries of the feed `vital-events`.

    `digest` is keyed and compares content; `body` (canonical) and `raw` (as sent) are sealed.
    """

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("source", "id", name="journal_reported_once"),
        Index("journal_by_department", "department", "receipt"),
        Index("journal_by_time", "department", "time"),
        Index(
            "journal_superseding",
            "supersedes_source",
            "supersedes_id",
            postgresql_where=text("supersedes_id IS NOT NULL"),
        ),
        Index("journal_by_batch", "department", "batch", "receipt", postgresql_where=text("batch IS NOT NULL")),
    )
    partition: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    receipt: UUID = Field(unique=True)
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    department: str
    type: str
    source: str
    id: str
    batch: str | None = None
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    supersedes_source: str | None = None
    supersedes_id: str | None = None


class Outcome(SQLModel, table=True):
    """What became of an accepted event. No row: still on its way (status accepted).

    `retried_at`: when its department last asked to have the held event looked at again.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        CheckConstraint("status IN ('applied', 'held', 'rejected')", name="outcome_status"),
        Index("outcome_by_status", "department", "status", "receipt"),
    )
    receipt: UUID = Field(primary_key=True)
    department: str
    status: str
    reason: str | None = None
    decider: str | None = None
    due: date | None = None
    settled_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    retried_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class KafkaPosition(SQLModel, table=True):
    """How far an intake topic has been taken: the last record and its fingerprint (a re-created topic differs)."""

    __tablename__ = "kafka_position"
    topic: str = Field(primary_key=True)
    partition: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    record_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class KafkaMember(SQLModel, table=True):
    """A worker that reads intake topics, and when it was last seen alive."""

    __tablename__ = "kafka_member"
    member: UUID = Field(primary_key=True)
    seen_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


TABLES = [
    *FEED_TABLES,
    *RECONCILIATION_TABLES,
    *LIST_TABLES,
    *INTAKE_TABLES,
    Parked,
    Journal,
    Outcome,
    *CASE_TABLES,
    KafkaPosition,
    KafkaMember,
    *AGREEMENT_TABLES,
    *TOLD_TABLES,
    *CORRECTION_TABLES,
    *PROTECTION_TABLES,
    *SUBSCRIPTION_TABLES,
    *DELIVERY_TABLES,
    *SESSION_TABLES,
]
