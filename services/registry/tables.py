"""The registry's schema. Definition only: SQL stands in each feature's repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from services.registry.areas.tables import AREA_TABLES
from services.registry.blocks.tables import BLOCK_TABLES
from services.registry.break_glass.tables import BREAK_GLASS_TABLES
from services.registry.cases.tables import CASE_TABLES
from services.registry.contradictions.tables import CONTRADICTION_TABLES
from services.registry.corrections.tables import CORRECTION_TABLES
from services.registry.households.tables import HOUSEHOLD_TABLES
from services.registry.imports.tables import IMPORT_TABLES
from services.registry.misuse.tables import MISUSE_TABLES
from services.registry.moves.tables import MOVE_TABLES
from services.registry.people.tables import LOOK_UP_TABLES
from services.registry.protection.tables import PROTECTION_TABLES
from services.registry.questions.tables import QUESTION_TABLES
from services.registry.retelling.tables import RETELLING_TABLES
from services.registry.reviews.tables import REVIEW_TABLES
from services.registry.sharing.tables import SHARING_TABLES
from services.registry.statistics.tables import STATISTICS_TABLES
from services.registry.uploads.tables import UPLOAD_TABLES
from shared.audit.tables import AUDIT_TABLES
from shared.feed.parked import Parked
from shared.feed.tables import FEED_TABLES
from shared.reconciliation.tables import RECONCILIATION_TABLES
from shared.sessions.tables import SESSION_TABLES


def instant() -> Column[datetime]:
    """A required instant."""
    return Column(DateTime(timezone=True), nullable=False)


class VitalEvent(SQLModel, table=True):
    """The head of every applied vital event: what orders facts, and what supersedes what. Immutable.

    `lineage` is the receipt of the first event of a line of corrections; `recorded_at` is when the registry knew.
    """

    __tablename__ = "vital_event"
    __table_args__ = (
        UniqueConstraint("source", "id", name="vital_event_once"),
        Index("vital_event_superseding", "lineage", postgresql_where=text("supersedes_id IS NOT NULL")),
    )
    receipt: UUID = Field(primary_key=True)
    source: str
    id: str
    type: str
    department: str
    action: str
    effective_on: date
    time: datetime = Field(sa_column=instant())
    supersedes_source: str | None = None
    supersedes_id: str | None = None
    lineage: UUID
    recorded_at: datetime = Field(sa_column=instant())


class Person(SQLModel, table=True):
    """A person: the fold of their facts, sealed. A merged one lives on as an alias."""

    __tablename__ = "person"
    person_id: UUID = Field(primary_key=True)
    merged_into: UUID | None = Field(default=None, foreign_key="person.person_id")
    state: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    folded_at: datetime = Field(sa_column=instant())


class IdentifierIndex(SQLModel, table=True):
    """Blind indexes of identifiers. Not unique: two people may share a number (old clerical errors)."""

    __tablename__ = "identifier_index"
    __table_args__ = (Index("identifier_index_by_person", "person_id"),)
    blind_index: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    person_id: UUID = Field(primary_key=True, foreign_key="person.person_id")
    type: str


class FactRow(SQLModel, table=True):
    """What one vital event says of one person in one role, sealed. Immutable but for the link to the person."""

    __tablename__ = "fact"
    __table_args__ = (
        ForeignKeyConstraint(["receipt"], ["vital_event.receipt"]),
        Index("fact_by_vital_event", "receipt", "role"),
    )
    person_id: UUID = Field(primary_key=True, foreign_key="person.person_id")
    receipt: UUID = Field(primary_key=True)
    role: str = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Relink(SQLModel, table=True):
    """A fact's link moved from one person to another: links are part of what was known."""

    __tablename__ = "relink"
    __table_args__ = (Index("relink_from", "from_person"),)
    receipt: UUID = Field(primary_key=True)
    role: str = Field(primary_key=True)
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    from_person: UUID
    to_person: UUID


class Household(SQLModel, table=True):
    """A household by its number."""

    __tablename__ = "household"
    household_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    number: str = Field(unique=True)


class Residency(SQLModel, table=True):
    """Derived from facts: where a person was registered, from when to when (exclusive; null: still)."""

    __tablename__ = "residency"
    __table_args__ = (Index("residency_by_household", "household_number", "person_id"),)
    person_id: UUID = Field(primary_key=True, foreign_key="person.person_id")
    since: date = Field(primary_key=True)
    until: date | None = None
    household_number: str | None = None
    household_kind: str | None = None
    relation: str | None = None
    area: str | None = None


class HeldEvent(SQLModel, table=True):
    """An accepted event that waits for the one it supersedes, or for a clerk. The body is sealed; empty if rejected."""

    __tablename__ = "held_event"
    __table_args__ = (Index("held_event_waiting", "waits_for_source", "waits_for_id"), Index("held_event_due", "due"))
    receipt: UUID = Field(primary_key=True)
    department: str
    reason: str
    decider: str
    due: date
    waits_for_source: str | None = None
    waits_for_id: str | None = None
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    held_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    rejected_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


TABLES = [
    *FEED_TABLES,
    *AREA_TABLES,
    *SHARING_TABLES,
    *LOOK_UP_TABLES,
    *BLOCK_TABLES,
    *CASE_TABLES,
    *RETELLING_TABLES,
    *REVIEW_TABLES,
    *CONTRADICTION_TABLES,
    *CORRECTION_TABLES,
    *MOVE_TABLES,
    *HOUSEHOLD_TABLES,
    *IMPORT_TABLES,
    *UPLOAD_TABLES,
    *RECONCILIATION_TABLES,
    *STATISTICS_TABLES,
    Parked,
    *AUDIT_TABLES,
    *QUESTION_TABLES,
    *MISUSE_TABLES,
    *BREAK_GLASS_TABLES,
    *PROTECTION_TABLES,
    *SESSION_TABLES,
    VitalEvent,
    Person,
    IdentifierIndex,
    FactRow,
    Relink,
    Household,
    Residency,
    HeldEvent,
]
