"""Tables of uploaded registers. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Upload(SQLModel, table=True):
    """A register that somebody sends over HTTP to be imported, or only judged (`dry_run`).

    `attempt` counts how often its file was begun to be sent: pieces of an earlier one do not count. `import_id`: the
    import that it became. `faults`: those of a dry run; of an import they stand with its chunks. `why_…`: why it was
    refused or stopped. `mapping` is sealed, for its constants may be about people, and removed with the file.
    `takings`: how often a worker took it without coming further than `furthest`, in rows.
    """

    __tablename__ = "register_upload"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'parquet')", name="register_upload_format"),
        CheckConstraint(
            "standing IN ('awaiting-file', 'waiting', 'running', 'stopped', 'refused', 'cancelled', 'done')",
            name="register_upload_standing",
        ),
    )
    upload_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    asked_by: str
    asked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    name: str
    format: str
    mapping: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    dry_run: bool
    standing: str
    cancelling: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    rows_done: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    furthest: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    takings: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    import_id: UUID | None = Field(default=None, foreign_key="register_import.import_id")
    faults: object = Field(default=None, sa_column=Column(JSONB, nullable=True))
    faults_met: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    why_en: str | None = None
    why_zh: str | None = None
    resumed_by: str | None = None
    cancelled_by: str | None = None
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class UploadPiece(SQLModel, table=True):
    """A piece of an uploaded file, sealed. Removed as soon as the import needs it no more."""

    __tablename__ = "upload_piece"
    upload_id: UUID = Field(primary_key=True, foreign_key="register_upload.upload_id")
    attempt: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


UPLOAD_TABLES = [Upload, UploadPiece]
