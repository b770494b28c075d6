"""Tables of contradictions. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel


class ContradictionRow(SQLModel, table=True):
    """What contradicts about a person. `body`: the statements, sealed; `departments`: who said them and may hear of it.

    `gone_at`: when the facts contradicted no more. `explained_at`: when somebody said why all of it is true; the words
    are sealed, too. Open is what is neither.
    """

    __tablename__ = "contradiction"
    __table_args__ = (
        Index("contradiction_by_person", "person_id"),
        Index("contradiction_standing", "contradiction_id", postgresql_where=text("gone_at IS NULL")),
    )
    contradiction_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    person_id: UUID = Field(foreign_key="person.person_id")
    kind: str
    departments: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    first_seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    gone_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    explained_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    explained_by: str | None = None
    explanation: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class FamilyToJudge(SQLModel, table=True):
    """Somebody whose family's facts changed: they and their relatives are judged anew. Several rows do no harm."""

    __tablename__ = "family_to_judge"
    asked_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    person_id: UUID


CONTRADICTION_TABLES = [ContradictionRow, FamilyToJudge]
