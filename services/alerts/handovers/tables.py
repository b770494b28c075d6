"""The table of offers. It names no person: an offer is found by its id, its episode by the facility on duty alone."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class Handover(SQLModel, table=True):
    """An episode offered by one facility to another. Days in Asia/Shanghai.

    `area`: the prefix for which the other facility is on duty; with the days it is all that one is shown before it
    accepts. `since`: the day on which the facility that has to act was told. `until`: the last day of a stay; null for
    good. `by_move`: made because the registry told of a move. `sealed` (under the episode's key): how she agreed, and
    who acted.
    """

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint(
            "state IN ('asking', 'offered', 'accepted', 'declined', 'withdrawn', 'returned')", name="handover_state"
        ),
        CheckConstraint("from_facility <> to_facility", name="handover_elsewhere"),
        Index("handover_open", "episode_id", unique=True, postgresql_where=text("state IN ('asking', 'offered')")),
        Index("handover_of_episode", "episode_id"),
        Index("handover_incoming", "to_facility", "state", "since", "handover_id"),
        Index("handover_outgoing", "from_facility", "state", "since", "handover_id"),
        Index(
            "handover_stays",
            "until",
            "handover_id",
            postgresql_where=text("state = 'accepted' AND until IS NOT NULL"),
        ),
    )
    handover_id: UUID = Field(primary_key=True)
    episode_id: UUID
    from_facility: str
    to_facility: str
    area: str
    state: str
    since: date
    until: date | None = None
    by_move: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    opened_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class EpisodeServed(SQLModel, table=True):
    """The facility that served where she lived when an episode was looked at last: only a change of it is a move.
    Empty while the registry does not tell where."""

    __tablename__ = "episode_served"
    episode_id: UUID = Field(primary_key=True)
    facility: str | None = None
