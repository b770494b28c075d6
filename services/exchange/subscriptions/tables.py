"""Tables of subscriptions. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, DateTime, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class Subscription(SQLModel, table=True):
    """What a department wants to be told of its feed, and how: it pulls, has a webhook, or a Kafka topic.

    `epoch` and `position`: up to there deliveries have been planned, or the topic is filled. `round` counts replays.
    `quiet_until`: the receiver asked for silence. `lease`: the worker that delivers, alone, until `lease_until`.
    Secrets are sealed. Of a topic, in the same epoch: `begins_after` is where this round of it begins, `holds_after`
    where it begins when it has lost all its records; `purged` is the last purge of the department's that it has had.
    A feed that begins anew is not sent again from before `since`: that was delivered and forgotten, or never asked for.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("department", "name", name="subscription_named_once"),
        CheckConstraint("state IN ('active', 'paused', 'disabled')", name="subscription_state"),
        CheckConstraint("(url IS NULL) = (secret IS NULL)", name="subscription_secret"),
        CheckConstraint("kind IN ('pull', 'webhook', 'kafka')", name="subscription_kind"),
        CheckConstraint("(kind = 'webhook') = (url IS NOT NULL)", name="subscription_url"),
    )
    subscription_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    department: str
    name: str
    kind: str = Field(default="pull", sa_column_kwargs={"server_default": text("'pull'")})
    url: str | None = None
    types: list[str] = Field(sa_column=Column(ARRAY(Text()), nullable=False))
    areas: list[str] = Field(sa_column=Column(ARRAY(Text()), nullable=False))
    secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    old_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    old_secret_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    state: str = Field(default="active", sa_column_kwargs={"server_default": text("'active'")})
    epoch: UUID
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    round: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    begins_after: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    holds_after: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    purged: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    quiet_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    lease: UUID | None = None
    lease_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    since: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    created_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class AbandonedTopic(SQLModel, table=True):
    """A topic of a subscription that is no more: the worker deletes it with its records."""

    __tablename__ = "abandoned_topic"
    topic: str = Field(primary_key=True)
    abandoned_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


SUBSCRIPTION_TABLES = [Subscription, AbandonedTopic]
