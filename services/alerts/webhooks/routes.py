"""HTTP of a facility's webhooks, for its supervisors: they lead out of the platform, so nobody else sets them up."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status

from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from services.alerts.webhooks import handlers, repository
from services.alerts.webhooks.schemas import Webhook, Webhooks, WebhookWanted, WebhookWithSecret
from shared.client import Sender
from shared.errors import NotFound
from shared.subscriptions.schemas import (
    Delivery,
    DeliveryList,
    DeliveryState,
    ReplayFrom,
    Retried,
    Rotated,
    Rotation,
    Tried,
)
from shared.written import CallerFirst

router = APIRouter(prefix="/v1/channels/webhooks", tags=["channels"], route_class=CallerFirst)

NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"
Name = Annotated[str, Path(pattern=NAME, description="Chosen by the facility: small letters, digits, -")]


async def sender_of(request: Request) -> Sender:
    """The dependency that hands a route the way out."""
    sender: Sender = request.app.state.sender
    return sender


Outward = Annotated[Sender, Depends(sender_of)]


async def shown(request: Request, facility: str, name: str) -> Webhook:
    """A webhook as it stands now. Raises NotFound."""
    async with alerts_of(request).service.pool.acquire() as connection:
        found = await repository.listed(connection, facility, name)
    if not found:
        raise NotFound
    return Webhook.model_validate(found[0])


@router.get("", summary="My facility's webhooks")
async def webhooks(request: Request, caller: Supervisor) -> Webhooks:
    """All of them, with what is open and parked."""
    async with alerts_of(request).service.pool.acquire() as connection:
        found = await repository.listed(connection, caller.facility or "")
    return Webhooks(webhooks=[Webhook.model_validate(row) for row in found])


@router.put("/{name}", summary="Create or change a webhook of my facility's feed")
async def put(
    request: Request, response: Response, name: Name, wanted: WebhookWanted, caller: Supervisor, sender: Outward
) -> WebhookWithSecret:
    """A new one begins at the end of the feed (201); `replay` goes back. `secret` is shown once, when it is made."""
    made, secret = await handlers.put(alerts_of(request), sender, caller.facility or "", name, wanted)
    response.status_code = status.HTTP_201_CREATED if made else status.HTTP_200_OK
    response.headers["cache-control"] = "no-store"
    return WebhookWithSecret(**(await shown(request, caller.facility or "", name)).model_dump(), secret=secret)


@router.get("/{name}")
async def webhook(request: Request, name: Name, caller: Supervisor) -> Webhook:
    """One webhook; another facility's is not found."""
    return await shown(request, caller.facility or "", name)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(request: Request, name: Name, caller: Supervisor) -> None:
    """End it; deliveries that are open are forgotten, the entries stay in the feed."""
    await handlers.delete(alerts_of(request), caller.facility or "", name)


@router.post("/{name}/test", summary="Send a test message now")
async def trial(request: Request, name: Name, caller: Supervisor, sender: Outward) -> Tried:
    """What the receiver said, after 20 seconds at most."""
    return await handlers.trial(alerts_of(request), sender, caller.facility or "", name)


@router.post("/{name}/pause")
async def pause(request: Request, name: Name, caller: Supervisor) -> Webhook:
    """Nothing is sent until it is resumed; nothing is skipped."""
    await handlers.pause(alerts_of(request), caller.facility or "", name)
    return await shown(request, caller.facility or "", name)


@router.post("/{name}/resume")
async def resume(request: Request, name: Name, caller: Supervisor) -> Webhook:
    """Go on where it stopped, also after the receiver said 410 Gone."""
    await handlers.resume(alerts_of(request), caller.facility or "", name)
    return await shown(request, caller.facility or "", name)


@router.post("/{name}/rotate", summary="Make a new secret")
async def rotate(
    request: Request, response: Response, name: Name, caller: Supervisor, rotation: Rotation | None = None
) -> Rotated:
    """Both secrets sign each message until `old_secret_until`; the new one is shown once."""
    grace = timedelta(hours=(rotation or Rotation()).grace_hours)
    secret, until = await handlers.rotate(alerts_of(request), caller.facility or "", name, grace)
    response.headers["cache-control"] = "no-store"
    return Rotated(secret=secret, old_secret_until=until)


@router.post("/{name}/replay", summary="Deliver again from a position")
async def replay(request: Request, name: Name, caller: Supervisor, start: ReplayFrom | None = None) -> Webhook:
    """Everything after the cursor is sent again, under the same ids. 409 feed-reset for a cursor of another epoch."""
    await handlers.replay(alerts_of(request), caller.facility or "", name, (start or ReplayFrom()).after)
    return await shown(request, caller.facility or "", name)


@router.post("/{name}/retry", summary="Try parked deliveries again")
async def retry(request: Request, name: Name, caller: Supervisor) -> Retried:
    """All of them, from the start of the retry table."""
    return Retried(due=await handlers.retry_parked(alerts_of(request), caller.facility or "", name))


@router.get("/{name}/deliveries", summary="What was sent, and what came of it")
async def deliveries(
    request: Request,
    name: Name,
    caller: Supervisor,
    state: DeliveryState | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveryList:
    """Deliveries in the order they were planned, each with its attempts; successful ones are kept for 30 days."""
    found = await handlers.deliveries(alerts_of(request), caller.facility or "", name, after, state, limit)
    page = [Delivery.model_validate(row) for row in found]
    return DeliveryList(deliveries=page, next_after=page[-1].delivery if len(page) == limit else None)
