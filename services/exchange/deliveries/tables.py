"""Tables of deliveries. Definition only: SQL stands in repository.py."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel


class Delivery(SQLModel, table=True):
    """One entry on its way to one subscription's webhook; `entry_id` is its webhook-id, on every try.

    `attempt` only grows and is the fence: whoever claims a delivery raises it, and only the newest claim may settle.
    `tries` counts the claims of this round, and so the place in the retry table. Nothing here is about a person.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "entry_id", name="delivery_planned_once"),
        CheckConstraint("state IN ('due', 'delivered', 'parked', 'withheld')", name="delivery_state"),
        Index("delivery_first", "subscription_id", "position", postgresql_where=text("state = 'due' AND tries = 0")),
        Index("delivery_again", "subscription_id", "next_at", postgresql_where=text("state = 'due' AND tries > 0")),
        Index("delivery_settled", "settled_at", postgresql_where=text("state IN ('delivered', 'withheld')")),
        Index("delivery_listed", "subscription_id", "delivery_id"),
    )
    delivery_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    subscription_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("subscription.subscription_id", ondelete="CASCADE"), nullable=False)
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


class DeliveryAttempt(SQLModel, table=True):
    """One claim of a delivery and what came of it. No outcome: under way, or its worker died."""

    __tablename__ = "delivery_attempt"
    delivery_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("delivery.delivery_id", ondelete="CASCADE"), primary_key=True)
    )
    attempt: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    began_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    outcome: str | None = None
    status: int | None = Field(default=None, sa_column=Column(SmallInteger))
    next_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


DELIVERY_TABLES = [Delivery, DeliveryAttempt]
