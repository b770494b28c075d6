"""Table of what is to be told once more. Definition only: SQL stands in repository.py."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel


class Retelling(SQLModel, table=True):
    """An agreement has come into force, again or with other fields: its receiver is told its people once more.

    Everyone up to `behind` is told, and nobody beyond `up_to`, the last person there was when the telling began: who
    came later was told as new. `begins`: not before that day, the agreement's first. `everyone`: also people in the
    household register without a case. `again`: it stood before, and what was read since was cut. The row goes when
    everybody is told.
    """

    __tablename__ = "retelling"
    agreement: str = Field(primary_key=True)
    department: str
    everyone: bool
    begins: date
    behind: UUID
    again: bool
    up_to: UUID | None = None


RETELLING_TABLES = [Retelling]
