"""Bodies of subscriptions."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.exchange.subscriptions.rules import EntryType, Kind
from shared.subscriptions.schemas import State

AreaCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
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
