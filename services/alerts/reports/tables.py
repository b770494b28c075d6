"""The table of tasks that are said to be wrong."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class TaskReport(SQLModel, table=True):
    """A worker said that a task is wrong. Who, why and in which words is sealed: under the key of its episode, or for
    help with birth registration (no `episode_id`) under the ring's key for that. Settled, the row is deleted."""

    __tablename__ = "task_report"
    __table_args__ = (
        Index("task_report_list", "facility", "reported_at", "report_id"),
        Index("task_report_episode", "episode_id", postgresql_where=text("episode_id IS NOT NULL")),
        Index("task_report_once", "task_id", "facility", unique=True),
    )
    report_id: UUID = Field(primary_key=True)
    task_id: UUID
    episode_id: UUID | None = None
    facility: str
    reported_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
