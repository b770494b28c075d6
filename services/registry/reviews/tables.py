"""Tables of reviews and decisions. Definition only: SQL stands in repository.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Index, LargeBinary, SmallInteger, Uuid, text
from sqlmodel import Field, SQLModel

OPEN = text("standing = 'open'")


def instant(*, now: bool = False) -> Column[datetime]:
    """A required instant; `now`: that of the writing unless one is given."""
    default = text("clock_timestamp()") if now else None
    return Column(DateTime(timezone=True), nullable=False, server_default=default)


class Review(SQLModel, table=True):
    """A question for a registry clerk. Of a held event (`receipt`), or of two people (`one` < `other`). `explanation`
    is sealed. `asked_by`: the official who asked for it, who may not decide it."""

    __tablename__ = "review"
    __table_args__ = (
        Index("review_of_held", "receipt", unique=True, postgresql_where=OPEN),
        Index("review_of_pair", "one", "other", "kind", unique=True, postgresql_where=OPEN),
        Index("review_by_other", "other", postgresql_where=OPEN),
        Index("review_by_standing", "standing", "review_id"),
    )
    review_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    kind: str
    standing: str = Field(default="open", sa_column_kwargs={"server_default": text("'open'")})
    opened_at: datetime = Field(sa_column=instant(now=True))
    due: date | None = None
    receipt: UUID | None = None
    one: UUID | None = Field(default=None, foreign_key="person.person_id")
    other: UUID | None = Field(default=None, foreign_key="person.person_id")
    score: float | None = None
    explanation: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    asked_by: str | None = None
    closed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class HeldNumber(SQLModel, table=True):
    """The identifiers of an event that is held for its ambiguity: it is looked at again when one of them appears."""

    __tablename__ = "held_number"
    __table_args__ = (Index("held_number_of", "receipt"),)
    blind_index: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    receipt: UUID = Field(primary_key=True)


class LinkDecision(SQLModel, table=True):
    """Who decided what about links, when and why; rows are only ever added. `weights`: of a machine's decision, the
    version it went by. `reason` is sealed."""

    __tablename__ = "link_decision"
    __table_args__ = (Index("link_decision_of_review", "review_id"),)
    decision_id: UUID = Field(primary_key=True)
    review_id: UUID | None = None
    kind: str
    subject: str
    department: str | None = None
    weights: str | None = None
    decided_at: datetime = Field(sa_column=instant())
    reason: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DecidedRecord(SQLModel, table=True):
    """A source record in a decision: its part, and the blind indexes of its identifiers."""

    __tablename__ = "decided_record"
    __table_args__ = (
        Index("decided_record_named", "source", "id", "role"),
        Index("decided_record_numbers", "numbers", postgresql_using="gin"),
    )
    decision_id: UUID = Field(primary_key=True, foreign_key="link_decision.decision_id")
    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    part: int = Field(sa_column=Column(SmallInteger, nullable=False))
    numbers: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))


class PersonAlias(SQLModel, table=True):
    """From `since` to `until` (null: still) an id was another name of `into_person`; `cases`: those that moved along.
    `person.merged_into` says whose name it is now, at the end of all such steps."""

    __tablename__ = "person_alias"
    __table_args__ = (Index("person_alias_into", "into_person"),)
    person_id: UUID = Field(primary_key=True, foreign_key="person.person_id")
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    into_person: UUID = Field(foreign_key="person.person_id")
    until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    cases: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))


class ToCompare(SQLModel, table=True):
    """Somebody who is new, or described otherwise than before: to be compared with those who may be the same."""

    __tablename__ = "to_compare"
    __table_args__ = (Index("to_compare_queued", "queued_at"),)
    person_id: UUID = Field(primary_key=True, foreign_key="person.person_id")
    queued_at: datetime = Field(sa_column=instant())


REVIEW_TABLES = [Review, HeldNumber, LinkDecision, DecidedRecord, PersonAlias, ToCompare]
