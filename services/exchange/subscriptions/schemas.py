"""Bodies of subscriptions."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.exchange.deliveries.rules import Outcome
from services.exchange.subscriptions.rules import EntryType, Kind

AreaCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
State = Literal["active", "paused", "disabled"]
DeliveryState = Literal["due", "delivered", "parked", "withheld"]
MOST_AREAS = 200


class Wish(BaseModel):
    """What a department wants to be told, and how."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    kind: Annotated[
        Kind | None,
        Field(description="`kafka`: into a topic of its own. Left out: `webhook` where there is a `url`, else `pull`."),
    ] = None
    url: Annotated[str | None, Field(description="Where webhooks go; null: nothing is sent, the department pulls.")] = (
        None
    )
    types: Annotated[list[EntryType], Field(max_length=50, description="Types of entries; empty: all.")] = []
    areas: Annotated[
        list[AreaCode],
        Field(
            max_length=MOST_AREAS,
            description="Area codes; empty: all. An entry is passed over only when it names an area outside of these.",
        ),
    ] = []


class Subscription(BaseModel):
    """A subscription as it stands. Deliveries have been planned, or the topic is filled, up to `position` of `epoch`;
    of one that pulls it is where it began."""

    name: str
    kind: Kind
    topic: Annotated[str | None, Field(description="The Kafka topic, of one that has its own.")]
    url: str | None
    types: list[str]
    areas: list[str]
    state: State
    epoch: UUID
    position: int
    secrets: Annotated[int, Field(description="Signatures on each message now: 2 while a secret is being exchanged.")]
    old_secret_until: datetime | None
    quiet_until: Annotated[datetime | None, Field(description="The receiver asked for silence until then.")]
    due: int
    parked: int
    created_at: datetime


class SubscriptionWithSecret(Subscription):
    """The answer to PUT; `secret` is there only when it was made by this call, and is never shown again."""

    secret: str | None = None


class Subscriptions(BaseModel):
    """All subscriptions of the department, by name."""

    subscriptions: list[Subscription]


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
    entry: Annotated[UUID, Field(description="The entry's id, and the webhook-id of every try.")]
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
