"""Bodies of facilities' webhooks. Those that every webhook has stand in shared/subscriptions/schemas.py."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.subscriptions.schemas import State

EntryKind = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]


class WebhookWanted(BaseModel):
    """Where a facility wants to be told that its worklist has changed."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    url: Annotated[str, Field(description="A public https address; never one inside.")]
    kinds: Annotated[
        list[EntryKind],
        Field(max_length=20, description="Kinds of entries, such as `opened`, or `digest` alone; empty: all."),
    ] = []


class Webhook(BaseModel):
    """A webhook as it stands. Deliveries have been planned up to `position` of `epoch`."""

    name: str
    url: str
    kinds: list[str]
    state: State
    epoch: UUID
    position: int
    old_secret_until: datetime | None
    quiet_until: Annotated[datetime | None, Field(description="The receiver asked for silence until then.")]
    due: int
    parked: int
    created_at: datetime


class WebhookWithSecret(Webhook):
    """The answer to PUT; `secret` is there only when it was made by this call, and is never shown again."""

    secret: str | None = None


class Webhooks(BaseModel):
    """All webhooks of the facility, by name."""

    webhooks: list[Webhook]
