"""The tables of what the registry's words do to episodes. Whom they are about, and what was found, is sealed."""

from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class EpisodeLife(SQLModel, table=True):
    """Whether the worker of an episode has to look at it. `sealed` (sealed.py): what was found, up to which word she
    has decided, and whom else it concerns."""

    __tablename__ = "episode_life"
    __table_args__ = (Index("episode_life_asks", "episode_id", postgresql_where=text("asks")),)
    episode_id: UUID = Field(primary_key=True)
    asks: bool
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class EpisodeKin(SQLModel, table=True):
    """Somebody else whom an episode concerns, such as a child's guardian; `person_index` as in `episode`."""

    __tablename__ = "episode_kin"
    __table_args__ = (Index("episode_kin_person", "person_index"),)
    episode_id: UUID = Field(primary_key=True)
    person_index: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
