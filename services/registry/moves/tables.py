"""Table of half moves. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class HalfMove(SQLModel, table=True):
    """One half of a move whose other half nobody has reported. Derived from facts. `half`: departure or arrival;
    `since`: the day on which it took effect; `area`: where the other half is missing from; `permit`: sealed."""

    __tablename__ = "half_move"
    __table_args__ = (
        Index("half_move_by_person", "person_id"),
        Index("half_move_by_age", "since", "move_id"),
    )
    move_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    person_id: UUID = Field(foreign_key="person.person_id")
    half: str
    since: date
    area: str
    permit: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


MOVE_TABLES = [HalfMove]
