"""The tables of care contacts. What a contact is for, and what became of it, is sealed under its episode's own key."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, SmallInteger, text
from sqlmodel import Field, SQLModel


class CareContact(SQLModel, table=True):
    """The next contact of one schedule of an episode. Dates in Asia/Shanghai: it may happen from `opens_on`, should by
    `due_on`, and is missed after `closes_on`.

    `next_change_on` is the day on which the date alone changes the state; null while its episode is paused, which
    leaves it planned. `step` counts what was announced of it. `sealed`: schedule, version and code (sealed.py).
    """

    __tablename__ = "care_contact"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'open', 'overdue', 'missed', 'closed')", name="care_contact_state"),
        CheckConstraint("opens_on <= due_on AND due_on <= closes_on", name="care_contact_window"),
        Index("care_contact_due", "next_change_on", "contact_id", postgresql_where=text("next_change_on IS NOT NULL")),
        Index(
            "care_contact_worklist",
            "facility",
            "state",
            "due_on",
            "contact_id",
            postgresql_where=text("state IN ('planned', 'open', 'overdue')"),
        ),
        Index("care_contact_planned", "facility", "opens_on", postgresql_where=text("state = 'planned'")),
        Index("care_contact_of_episode", "episode_id"),
    )
    contact_id: UUID = Field(primary_key=True)
    episode_id: UUID
    facility: str
    opens_on: date
    due_on: date
    closes_on: date
    state: str
    step: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    next_change_on: date | None = None
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CareOutcome(SQLModel, table=True):
    """What became of a contact, as a worker recorded it; one that was undone stays, and does not count."""

    __tablename__ = "care_outcome"
    __table_args__ = (
        Index("care_outcome_standing", "contact_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index("care_outcome_of_episode", "episode_id"),
    )
    outcome_id: UUID = Field(primary_key=True)
    contact_id: UUID
    episode_id: UUID
    recorded_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    undone_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
