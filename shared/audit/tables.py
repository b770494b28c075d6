"""The access log and its seals, the same in every service's own database. Definition only; SQL stands in log.py and
repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel


class AccessLog(SQLModel, table=True):
    """One person's data was read once: who, when, for which purpose, which fields, on what basis.

    `reference` names the person as this service does; `fields` are names, never values. Rows are only ever added.
    `written_by` is the transaction (xid8): rows are sealed in the order of transactions, once all earlier ones ended.
    """

    __tablename__ = "access_log"
    __table_args__ = (
        Index("access_log_by_person", "reference", "access_id"),
        Index("access_log_in_order", "written_by", "access_id"),
    )
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
    written_by: int = Field(
        sa_column=Column(BigInteger, nullable=False, server_default=text("((pg_current_xact_id())::text)::bigint"))
    )


class AccessSeal(SQLModel, table=True):
    """A page of the access log, sealed: its rows end at (`last_written_by`, `last_access_id`) and begin behind those of
    the seal before. `leaves` are 16 bytes of id and 32 of hash for each row; `head` chains all seals so far, and
    `checkpoint` is the signed line about it."""

    __tablename__ = "access_seal"
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    sealed_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    last_written_by: int = Field(sa_column=Column(BigInteger, nullable=False))
    last_access_id: UUID
    rows_so_far: int = Field(sa_column=Column(BigInteger, nullable=False))
    leaves: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    checkpoint: str


AUDIT_TABLES = [AccessLog, AccessSeal]
