"""The table of digests. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, text
from sqlmodel import Field, SQLModel


class Digest(SQLModel, table=True):
    """One facility's digest of one day (Asia/Shanghai), told on its feed as `entry_id`. Its key makes it the only
    one."""

    __tablename__ = "digest"
    facility: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    entry_id: UUID
    overdue: int
    today: int
    soon: int
    made_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


DIGEST_TABLES = [Digest]
