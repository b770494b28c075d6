"""The table of own codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, LargeBinary, text
from sqlmodel import Field, SQLModel


class OwnCode(SQLModel, table=True):
    """The code to her own page, as a keyed fingerprint: the row lets nobody in. `printed`: it is the one on the slip,
    which a worker has seen and which works once; otherwise the one she was given instead. A new slip replaces either.
    `made_by`: the worker who made the slip; it ends with them, where it was not used before.
    """

    __tablename__ = "own_code"
    episode_id: UUID = Field(primary_key=True)
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    printed: bool
    made_by: str | None = None
    made_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
