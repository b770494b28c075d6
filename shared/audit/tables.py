"""The access log's table, the same in every service's own database. Definition only; SQL stands in log.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Index, String, text
from sqlmodel import Field, SQLModel


class AccessLog(SQLModel, table=True):
    """One person's data was read once: who, when, for which purpose, which fields, on what basis.

    `reference` names the person as this service does; `fields` are names, never values. Rows are only ever added.
    """

    __tablename__ = "access_log"
    __table_args__ = (Index("access_log_by_person", "reference", "access_id"),)
    access_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    subject: str
    department: str | None = None
    service: str | None = None
    facility: str | None = None
    purpose: str
    action: str
    reference: str
    fields: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    basis: str
