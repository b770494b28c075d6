"""The tables of episodes. Plaintext columns hold ids, facility codes, dates and states; the rest is sealed under the
episode's own key, which lies outside the database (vault.py)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class Episode(SQLModel, table=True):
    """One episode of care at the facility that has the duty.

    `person_index` (keyed, see identity.py) names the person where it is linked; `awaits` what it waits for where not.
    `sealed` is the care record (record.py). `consent_until` is the last day of the consent, null while none is given.
    `next_look_on` is the day on which the date alone concerns it, `consent_tell_on` the next one on which the end of
    its consent is told (rules.py). `revision` counts the changes of `sealed`.
    """

    __tablename__ = "episode"
    __table_args__ = (
        CheckConstraint("kind IN ('maternal', 'child', 'transfer', 'entitlement')", name="episode_kind"),
        CheckConstraint("state IN ('active', 'paused', 'ended')", name="episode_state"),
        Index("episode_of_person", "person_index", postgresql_where=text("person_index IS NOT NULL")),
        Index("episode_awaits", "awaits", postgresql_where=text("awaits IS NOT NULL")),
        Index("episode_look", "next_look_on", "episode_id", postgresql_where=text("next_look_on IS NOT NULL")),
        Index("episode_of_facility", "facility", "episode_id"),
        Index(
            "episode_consent_tell",
            "consent_tell_on",
            "episode_id",
            postgresql_where=text("consent_tell_on IS NOT NULL AND state = 'active'"),
        ),
        Index(
            "episode_consent_ends",
            "facility",
            "consent_until",
            "episode_id",
            postgresql_where=text("state <> 'ended'"),
        ),
        Index(
            "episode_unlinked",
            "facility",
            "episode_id",
            postgresql_where=text("person_index IS NULL AND state <> 'ended'"),
        ),
        Index("episode_paused", "facility", "episode_id", postgresql_where=text("state = 'paused'")),
    )
    episode_id: UUID = Field(primary_key=True)
    kind: str
    person_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    awaits: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    facility: str
    state: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    consent_until: date | None = None
    next_look_on: date | None = None
    consent_tell_on: date | None = None
    revision: int
    opened_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class EpisodeConsent(SQLModel, table=True):
    """One step in the life of a consent; the highest `revision` is where it stands. `until` is its last day.

    `sealed`: version and digest of the text, its language, the channel, and who took it down.
    """

    __tablename__ = "episode_consent"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'given', 'changed', 'withdrawn', 'expired')", name="episode_consent_state"
        ),
        Index("episode_consent_step", "episode_id", "revision", unique=True),
    )
    consent_id: UUID = Field(primary_key=True)
    episode_id: UUID
    revision: int
    state: str
    until: date | None = None
    recorded_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
