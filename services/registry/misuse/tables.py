"""Tables of the misuse rules. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel


class OfficialRow(SQLModel, table=True):
    """An official who is known as a person, so that a look at their own record, household or colleague can be told.

    `person_id` is null where the number that was given finds nobody certain. `areas`: theirs, empty for all."""

    __tablename__ = "official"
    __table_args__ = (Index("official_of_person", "person_id"),)
    department: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.person_id")
    areas: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    provisioned_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class JudgedAccess(SQLModel, table=True):
    """An entry of the access log that the rules have seen, kept for as long as they look back."""

    __tablename__ = "judged_access"
    __table_args__ = (
        Index("judged_access_of_official", "department", "subject", "at"),
        Index("judged_access_at", "at"),
    )
    access_id: UUID = Field(primary_key=True)
    department: str
    subject: str
    person_id: UUID
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    without_case: bool


class JudgedUntil(SQLModel, table=True):
    """How far the rules have read: the newest seal that is judged."""

    __tablename__ = "judged_until"
    name: str = Field(primary_key=True)
    seal: int = Field(sa_column=Column(BigInteger, nullable=False))


class FlagRow(SQLModel, table=True):
    """A rule noticed an entry of the access log, for the protection officer, who decides. The reason is sealed."""

    __tablename__ = "flag"
    __table_args__ = (
        Index("flag_open", "flag_id", postgresql_where=text("decision IS NULL")),
        Index("flag_of_entry", "access_id"),
    )
    flag_id: UUID = Field(primary_key=True)
    rule: str
    department: str
    subject: str
    access_id: UUID
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    raised_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    decision: str | None = None
    reason: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


MISUSE_TABLES = [OfficialRow, JudgedAccess, JudgedUntil, FlagRow]
