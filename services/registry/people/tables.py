"""Tables of look-ups. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, LargeBinary, text
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


LOOK_UP_TABLES = [LookUpGiven]
