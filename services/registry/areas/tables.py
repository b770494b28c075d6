"""Lists of areas as they were entered. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, LargeBinary, text
from sqlmodel import Field, SQLModel


class AreaList(SQLModel, table=True):
    """The whole list of areas from `entered_at` on. Never changed: another list follows it, or an old one once more.
    `areas` is sealed, for it names the households of areas that were split. `counted_on`: the day on which statistics
    counted everybody anew by it; None: not yet."""

    __tablename__ = "area_list"
    list_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    entered_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    subject: str
    reason: str
    count: int
    areas: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    counted_on: date | None = Field(default=None, sa_column=Column(Date))


AREA_TABLES = [AreaList]
