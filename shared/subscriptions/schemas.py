"""Bodies that every webhook's owner sends and gets."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.deliveries.rules import Outcome

State = Literal["active", "paused", "disabled"]
DeliveryState = Literal["due", "delivered", "parked", "withheld"]


class Rotation(BaseModel):
    """How long the old secret goes on signing beside the new one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    grace_hours: Annotated[int, Field(ge=0, le=168)] = 24


class Rotated(BaseModel):
    """The new secret, shown this once."""

    secret: str
    old_secret_until: datetime


class ReplayFrom(BaseModel):
    """From where entries are delivered again."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    after: Annotated[
        str | None, Field(description="Cursor `epoch:position`: everything after it; null: from the beginning.")
    ] = None


class Tried(BaseModel):
    """What the receiver said to a test. `status` is null where nobody answered."""

    delivered: bool
    outcome: Outcome
    status: int | None
    seconds: float
    body: Annotated[str, Field(description="The beginning of the answer, 1,000 characters at most.")]


class Attempt(BaseModel):
    """One try. No `outcome`: it is under way, or the process that made it died."""

    attempt: int
    began_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    status: int | None
    next_at: Annotated[datetime | None, Field(description="When it was to be tried again.")]


class Delivery(BaseModel):
    """One entry on its way to the webhook, with its newest tries (20 at most), oldest first."""

    delivery: UUID
    entry: Annotated[UUID, Field(description="The webhook-id of every try: the entry's id, or the delivery's own.")]
    epoch: UUID
    position: int
    type: str
    state: DeliveryState
    next_at: Annotated[datetime | None, Field(description="The next try, while it is due.")]
    settled_at: datetime | None
    attempts: list[Attempt]


class DeliveryList(BaseModel):
    """A page of deliveries in the order they were planned; ask on with `after=next_after` until it is null."""

    deliveries: list[Delivery]
    next_after: UUID | None


class Retried(BaseModel):
    """How many parked deliveries are due again."""

    due: int
