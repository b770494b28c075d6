"""Subscriptions of the caller's department to its own feed: webhooks by the Standard Webhooks rules, a Kafka topic, or
only a filter for pull and stream."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, status

from services.exchange.feeds.names import department_feed
from services.exchange.feeds.reading import DepartmentFeeds, feeds_of
from services.exchange.subscriptions import handlers, repository
from services.exchange.subscriptions.handlers import Topics
from services.exchange.subscriptions.rules import wanted_of
from services.exchange.subscriptions.schemas import Subscription, Subscriptions, SubscriptionWithSecret, Wish
from shared.app import Service, service_of
from shared.auth.caller import Caller
from shared.auth.require import require
from shared.client import Sender
from shared.errors import NotFound
from shared.feed.http import After, Limit, Wait, feed_stream, page_json, read_page, reading
from shared.feed.values import Cursor, Entry, Page
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

router = APIRouter(tags=["subscriptions"], route_class=CallerFirst)

Follower = Annotated[Caller, Depends(require("follower", department=True, everywhere=True))]
Shared = Annotated[Service, Depends(service_of)]
Name = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Chosen by the department: small letters, digits, -")
]


async def sender_of(request: Request) -> Sender:
    """The dependency that hands a route the way out."""
    sender: Sender = request.app.state.sender
    return sender


async def topics_of(request: Request) -> Topics:
    """The dependency that says who may have topics."""
    topics: Topics = request.app.state.topics
    return topics


OfTopics = Annotated[Topics, Depends(topics_of)]
Own = Annotated[DepartmentFeeds, Depends(feeds_of)]
Outward = Annotated[Sender, Depends(sender_of)]


async def shown(service: Service, caller: Caller, name: str) -> Subscription:
    """A subscription as it stands now. Raises NotFound."""
    async with service.pool.acquire() as connection:
        found = await repository.listed(connection, caller.department or "", service.settings.kafka_topics, name)
    if not found:
        raise NotFound
    return Subscription.model_validate(found[0])


@router.put("/v1/subscriptions/{name}", summary="Create or change a subscription to my department's feed")
async def put(
    name: Name, wish: Wish, caller: Follower, service: Shared, sender: Outward, topics: OfTopics, response: Response
) -> SubscriptionWithSecret:
    """A new one begins at the end of the feed (201); `replay` goes back. `secret` is shown once, when it is made.

    409 for the kind `kafka` where there is no broker, or the department is not provisioned for it.
    """
    created, secret = await handlers.put(service, sender, topics, caller.department or "", name, wish)
    response.status_code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
    response.headers["cache-control"] = "no-store"
    standing = await shown(service, caller, name)
    return SubscriptionWithSecret(**standing.model_dump(), secret=secret)


@router.get("/v1/subscriptions", summary="My department's subscriptions")
async def subscriptions(caller: Follower, service: Shared) -> Subscriptions:
    """All of them, with what is open and parked."""
    async with service.pool.acquire() as connection:
        found = await repository.listed(connection, caller.department or "", service.settings.kafka_topics)
    return Subscriptions(subscriptions=[Subscription.model_validate(row) for row in found])


@router.get("/v1/subscriptions/{name}")
async def subscription(name: Name, caller: Follower, service: Shared) -> Subscription:
    """One subscription; another department's is not found."""
    return await shown(service, caller, name)


@router.get("/v1/subscriptions/{name}/feed", summary="Follow my department's feed through a subscription's filter")
async def filtered(
    name: Name,
    caller: Follower,
    service: Shared,
    feeds: Own,
    after: After = None,
    limit: Limit = 200,
    wait: Wait = 0,
) -> Response:
    """As `GET /v1/feed`, without what the filter passes over: ask on with `next_after`, which lies behind that, too.

    409 while it is paused.
    """
    async with service.pool.acquire() as connection:
        found = await handlers.followed(connection, caller.department or "", name)
    feed, cursor = department_feed(caller.department or ""), Cursor.parse(after) if after else None
    page = await read_page(reading(service.pool, feeds, feed), service.watch, feed, 0, cursor, limit, wait)
    kept = wanted_of(page, found.types, found.areas)
    return Response(page_json(page, kept), media_type="application/json", headers={"cache-control": "no-store"})


@router.get("/v1/subscriptions/{name}/stream", summary="My department's feed through a filter, as Server-Sent Events")
async def filtered_stream(
    name: Name,
    caller: Follower,
    service: Shared,
    feeds: Own,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """As `GET /v1/feed/stream`, without what the filter passes over: for that an `id` comes alone, so that a client
    resumes behind it. 409 while it is paused; a stream ends when its subscription is paused or deleted."""
    department = caller.department or ""
    async with service.pool.acquire() as connection:
        await handlers.followed(connection, department, name)

    async def kept(page: Page) -> Sequence[Entry] | None:
        async with service.pool.acquire() as connection:
            found = await repository.find(connection, department, name)
        return None if found is None or found.state == "paused" else wanted_of(page, found.types, found.areas)

    feed = department_feed(department)
    return await feed_stream(reading(service.pool, feeds, feed), service.watch, feed, last_event_id, kept)


@router.delete("/v1/subscriptions/{name}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(name: Name, caller: Follower, service: Shared, topics: OfTopics) -> None:
    """End it; deliveries that are open are forgotten, its topic is deleted, the entries stay in the feed."""
    await handlers.delete(service, topics, caller.department or "", name)


@router.post("/v1/subscriptions/{name}/test", summary="Send a test message now")
async def trial(name: Name, caller: Follower, service: Shared, sender: Outward, topics: OfTopics) -> Tried:
    """What the receiver said, or the broker, after 20 seconds at most."""
    return await handlers.trial(service, sender, topics, caller.department or "", name)


@router.post("/v1/subscriptions/{name}/pause")
async def pause(name: Name, caller: Follower, service: Shared) -> Subscription:
    """Nothing is sent, published or read through it until it is resumed; nothing is skipped."""
    await handlers.pause(service, caller.department or "", name)
    return await shown(service, caller, name)


@router.post("/v1/subscriptions/{name}/resume")
async def resume(name: Name, caller: Follower, service: Shared) -> Subscription:
    """Go on where it stopped, also after the receiver said 410 Gone."""
    await handlers.resume(service, caller.department or "", name)
    return await shown(service, caller, name)


@router.post("/v1/subscriptions/{name}/rotate", summary="Make a new secret")
async def rotate(
    name: Name, caller: Follower, service: Shared, response: Response, rotation: Rotation | None = None
) -> Rotated:
    """Both secrets sign each message until `old_secret_until`; the new one is shown once."""
    grace = timedelta(hours=(rotation or Rotation()).grace_hours)
    secret, until = await handlers.rotate(service, caller.department or "", name, grace)
    response.headers["cache-control"] = "no-store"
    return Rotated(secret=secret, old_secret_until=until)


@router.post("/v1/subscriptions/{name}/replay", summary="Deliver again from a position")
async def replay(name: Name, caller: Follower, service: Shared, start: ReplayFrom | None = None) -> Subscription:
    """Everything after the cursor is sent again, under the same ids, or stands in the topic again.

    409 feed-reset for a cursor of another epoch.
    """
    await handlers.replay(service, caller.department or "", name, (start or ReplayFrom()).after)
    return await shown(service, caller, name)


@router.post("/v1/subscriptions/{name}/retry", summary="Try parked deliveries again")
async def retry(name: Name, caller: Follower, service: Shared) -> Retried:
    """All of them, from the start of the retry table."""
    return Retried(due=await handlers.retry_parked(service, caller.department or "", name))


@router.get("/v1/subscriptions/{name}/deliveries", summary="What was sent, and what came of it")
async def deliveries(
    name: Name,
    caller: Follower,
    service: Shared,
    state: DeliveryState | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveryList:
    """Deliveries in the order they were planned, each with its attempts; successful ones are kept for 30 days."""
    found = await handlers.deliveries(service, caller.department or "", name, after, state, limit)
    page = [Delivery.model_validate(row) for row in found]
    return DeliveryList(deliveries=page, next_after=page[-1].delivery if len(page) == limit else None)
