"""Tables of imports. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class ImportRow(SQLModel, table=True):
    """The import of one file, known by its SHA-256 together with its mapping's (`digest`).

    `rows_in_chunk` stays as it was begun, so that chunks keep their numbers. `told_behind`: everybody with a receipt up
    to it is told of; None once all are.
    """

    __tablename__ = "register_import"
    __table_args__ = (
        Index(
            "register_import_once", "digest", unique=True, postgresql_where=text("standing <> 'cancelled'")
        ),  # what was cancelled may be imported anew
        CheckConstraint("standing IN ('running', 'done', 'cancelled')", name="register_import_standing"),
    )
    import_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    file_name: str
    source: str
    rows_in_chunk: int
    standing: str
    began_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    told_behind: UUID | None = None


class ImportChunk(SQLModel, table=True):
    """A run of rows that was committed. `imported`: new people; `folded`: people who may have been known; `known`: rows
    that had been imported or reported before. `faults`: row, column and sentences, never a value; `faulty`: how
    many."""

    __tablename__ = "import_chunk"
    import_id: UUID = Field(primary_key=True, foreign_key="register_import.import_id")
    chunk: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    imported: int
    folded: int
    held: int
    known: int
    faults: object = Field(sa_column=Column(JSONB, nullable=False))
    faulty: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


IMPORT_TABLES = [ImportRow, ImportChunk]
