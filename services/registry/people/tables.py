"""Tables of look-ups. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class LookUpGiven(SQLModel, table=True):
    """A look-up gave somebody's fields and the exchange is not told yet: written in the look-up's transaction, gone
    when it is told. `folded_at`: which state of the person was shown; `body`: department, fields and basis, sealed."""

    __tablename__ = "look_up_given"
    given_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    person_id: UUID = Field(foreign_key="person.person_id")
    folded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SearchesAsked(SQLModel, table=True):
    """How often an official has searched in an hour, whatever came of it. Rows of other days are removed."""

    __tablename__ = "searches_asked"
    department: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    asked: int


class PersonSeen(SQLModel, table=True):
    """An official has seen something of a person on a day (Asia/Shanghai). Not unique: two look-ups at the same time
    must not wait for each other, so people are counted and not rows. Rows of other days are removed."""

    __tablename__ = "person_seen"
    __table_args__ = (Index("person_seen_by", "department", "subject", "seen_on", "person_id"),)
    seen_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    department: str
    subject: str
    seen_on: date
    person_id: UUID


LOOK_UP_TABLES = [LookUpGiven, SearchesAsked, PersonSeen]
