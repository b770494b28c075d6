"""The tables of facilities and of who works there. A subject is what credentials call a worker."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field, SQLModel


class FacilityArea(SQLModel, table=True):
    """One line of facilities.yaml by which open work was settled last: prefix, facility, first and last day."""

    __tablename__ = "facility_area"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_from IS NULL OR valid_from <= valid_until", name="facility_days"),
        Index(
            "facility_area_line", "prefix", "facility", "valid_from", unique=True, postgresql_nulls_not_distinct=True
        ),
    )
    line_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    prefix: str
    facility: str
    valid_from: date | None = None
    valid_until: date | None = None


class DutySettled(SQLModel, table=True):
    """The day for which everything open was settled last. One row."""

    __tablename__ = "duty_settled"
    __table_args__ = (CheckConstraint("one", name="duty_settled_once"),)
    one: bool = Field(default=True, primary_key=True)
    settled_on: date


class StaffMember(SQLModel, table=True):
    """A worker listed at a facility in one role, from `valid_from` to `valid_until` (last day).

    `stands_in_for`: the colleague whose duty they have for these days. `ended_at`: ended before its last day; such a
    line lists nobody any more. No line is ever removed.
    """

    __tablename__ = "staff_member"
    __table_args__ = (
        CheckConstraint("role IN ('care-worker', 'supervisor')", name="staff_member_role"),
        CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="staff_member_days"),
        CheckConstraint("stands_in_for IS NULL OR valid_until IS NOT NULL", name="staff_member_stand_in_ends"),
        Index(
            "staff_member_line",
            "facility",
            "subject",
            "role",
            "stands_in_for",
            "valid_from",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )
    staff_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    facility: str
    subject: str
    role: str
    clinician: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    stands_in_for: str | None = None
    valid_from: date
    valid_until: date | None = None
    listed_by: str
    listed_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ended_by: str | None = None


class EpisodeWorker(SQLModel, table=True):
    """A worker to whom an episode is assigned, for some days or for good; several share it. It says who acts, not who
    may see."""

    __tablename__ = "episode_worker"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="episode_worker_days"),
        Index("episode_worker_of_subject", "facility", "subject"),
    )
    episode_id: UUID = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    facility: str
    valid_from: date
    valid_until: date | None = None
    assigned_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class Revocation(SQLModel, table=True):
    """Credentials of a subject for a facility from before this instant are refused there: a lost device, a worker who
    left. Nobody is shut out elsewhere by it."""

    __tablename__ = "revocation"
    subject: str = Field(primary_key=True)
    facility: str = Field(primary_key=True)
    revoked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    revoked_by: str


FACILITY_TABLES = [FacilityArea, DutySettled, StaffMember, EpisodeWorker, Revocation]
