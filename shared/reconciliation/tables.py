"""What the running reconciler keeps in each service's own database. Definition only; SQL stands in repository.py."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Integer, text
from sqlmodel import Field, SQLModel


class TableTally(SQLModel, table=True):
    """How many rows each table must have: the sum of its slots, kept by triggers in the transaction of the rows.

    A slot belongs to one connection of the database (its process id), so that no two ever wait for each other; 0 is
    what there was when counting began, and what ended connections left.
    """

    __tablename__ = "table_tally"
    table_name: str = Field(primary_key=True)
    slot: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))


class FindingRow(SQLModel, table=True):
    """Something that is lost or does not agree; the place is a table, a position or a receipt, never a person."""

    __tablename__ = "finding"
    kind: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    since: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    seen_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class CheckRound(SQLModel, table=True):
    """How far the present round of a check is, so that a worker that starts again goes on there."""

    __tablename__ = "check_round"
    name: str = Field(primary_key=True)
    began_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    place: str
    steps: int = Field(sa_column=Column(BigInteger, nullable=False))
    rounds: int = Field(sa_column=Column(BigInteger, nullable=False))


RECONCILIATION_TABLES = [TableTally, FindingRow, CheckRound]
