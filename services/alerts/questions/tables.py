"""The table of questioned accesses."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel


class AccessQuestion(SQLModel, table=True):
    """She questions one entry of the access log of her episode, once. Days in Asia/Shanghai.

    `facility`: whose supervisors answer, the one on duty when the access was made; once answered, whose did.
    `sealed` (her words) and `answer` are under the key of the episode, and go with it.
    """

    __tablename__ = "access_question"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered')", name="access_question_state"),
        Index("access_question_episode", "episode_id", "question_id"),
        Index("access_question_list", "facility", "state", "due_on", "question_id"),
    )
    question_id: UUID = Field(primary_key=True)
    episode_id: UUID
    entry: UUID = Field(unique=True)
    facility: str
    state: str
    asked_on: date
    due_on: date
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    answered_on: date | None = None
