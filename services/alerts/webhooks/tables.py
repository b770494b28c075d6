"""Tables of facilities' webhooks and their deliveries, as shared/deliveries/repository.py asks for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel


class CareWebhook(SQLModel, table=True):
    """Where a facility wants to be told that its feed has grown, and of which `kinds` of entries (none: all).

    `epoch` and `position`: up to there deliveries have been planned. `round` counts replays. `quiet_until`: the
    receiver asked for silence. `lease`: the worker that delivers, alone, until `lease_until`. Secrets are sealed.
    A feed that begins anew is not sent again from before `since`.
    """

    __tablename__ = "care_webhook"
    __table_args__ = (
        UniqueConstraint("facility", "name", name="care_webhook_named_once"),
        CheckConstraint("state IN ('active', 'paused', 'disabled')", name="care_webhook_state"),
    )
    subscription_id: UUID = Field(primary_key=True)
    facility: str
    name: str
    url: str
    kinds: list[str] = Field(sa_column=Column(ARRAY(Text()), nullable=False))
    secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    old_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    old_secret_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    state: str = Field(default="active", sa_column_kwargs={"server_default": text("'active'")})
    epoch: UUID
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    round: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    quiet_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    lease: UUID | None = None
    lease_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    since: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    created_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class CareDelivery(SQLModel, table=True):
    """One entry on its way to one webhook; `delivery_id` is its webhook-id on every try. `attempt` is the fence,
    `tries` the place in the retry table (shared/deliveries/rules.py)."""

    __tablename__ = "care_delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "entry_id", name="care_delivery_planned_once"),
        CheckConstraint("state IN ('due', 'delivered', 'parked', 'withheld')", name="care_delivery_state"),
        Index(
            "care_delivery_first", "subscription_id", "position", postgresql_where=text("state = 'due' AND tries = 0")
        ),
        Index(
            "care_delivery_again", "subscription_id", "next_at", postgresql_where=text("state = 'due' AND tries > 0")
        ),
        Index("care_delivery_settled", "settled_at", postgresql_where=text("state IN ('delivered', 'withheld')")),
        Index("care_delivery_listed", "subscription_id", "delivery_id"),
    )
    delivery_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    subscription_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("care_webhook.subscription_id", ondelete="CASCADE"), nullable=False)
    )
    entry_id: UUID
    epoch: UUID
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    type: str
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    round: int
    state: str = Field(default="due", sa_column_kwargs={"server_default": text("'due'")})
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    tries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    next_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class CareDeliveryAttempt(SQLModel, table=True):
    """One try of a delivery and what came of it. No outcome: under way, or its worker died."""

    __tablename__ = "care_delivery_attempt"
    delivery_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("care_delivery.delivery_id", ondelete="CASCADE"), primary_key=True)
    )
    attempt: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    began_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    outcome: str | None = None
    status: int | None = Field(default=None, sa_column=Column(SmallInteger))
    next_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


WEBHOOK_TABLES = [CareWebhook, CareDelivery, CareDeliveryAttempt]
