"""The tables of the misuse rules. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class CareJudged(SQLModel, table=True):
    """The last day whose accesses the rules have judged, Asia/Shanghai. One row."""

    __tablename__ = "care_judged"
    __table_args__ = (CheckConstraint("one", name="care_judged_once"),)
    one: bool = Field(default=True, primary_key=True)
    judged_on: date


class CareFlag(SQLModel, table=True):
    """A rule noticed what a worker did on a day, for the supervisors of the facility. `name`: of the one episode that
    is meant, as the access log names it; whose it is stands nowhere here. `reason` is sealed."""

    __tablename__ = "care_flag"
    __table_args__ = (
        CheckConstraint("decision IN ('seen', 'justified', 'misuse')", name="care_flag_decision"),
        Index("care_flag_waiting", "facility", "flag_id", postgresql_where=text("decision IS NULL")),
        Index("care_flag_of_facility", "facility", "flag_id"),
        Index(
            "care_flag_once",
            "facility",
            "subject",
            "day",
            "rule",
            "name",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )
    flag_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    rule: str
    version: str
    facility: str
    subject: str
    day: date
    name: str | None = None
    count: int
    above: int
    raised_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    decision: str | None = None
    reason: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


MISUSE_TABLES = [CareJudged, CareFlag]
