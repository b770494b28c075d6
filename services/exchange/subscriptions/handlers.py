"""What a department does with its subscriptions. One function per use case; commits before it answers."""

import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from services.exchange.deliveries.message import trial_message
from services.exchange.deliveries.repository import origin_of
from services.exchange.deliveries.rules import Outcome, outcome_of
from services.exchange.feeds.names import department_feed
from services.exchange.subscriptions import repository
from services.exchange.subscriptions.repository import Found
from services.exchange.subscriptions.rules import webhook_address
from services.exchange.subscriptions.schemas import Tried, Wish
from services.exchange.subscriptions.secrets import opened, sealed
from shared import clock
from shared.app import Service
from shared.client import NotDelivered, Sender
from shared.db import Connection, transaction
from shared.errors import Conflict, Fault, Invalid, NotFound, RuleBroken, Text
from shared.feed import parked
from shared.feed.log import start_of
from shared.feed.values import Cursor
from shared.webhooks import new_secret, signed_headers

MOST: Final = 20  # subscriptions of one department: each has its own task and connections

FULL = Text("A department has at most 20 subscriptions; delete one first.", "每个部门最多 20 个订阅，请先删除一个。")
PULLS = Text(
    "This subscription has no webhook: PUT it with a `url` first.", "该订阅未设置 webhook，请先用 PUT 提供 url。"
)
ENDED = Text(
    "The receiver said 410 Gone: resume the subscription, or PUT it with another `url`.",
    "接收方已返回 410：请恢复订阅，或用 PUT 提供新的 url。",
)


async def put(service: Service, sender: Sender, department: str, name: str, wish: Wish) -> tuple[bool, str | None]:
    """Create a subscription, which begins at the end of the feed, or change one. Returns (created, new secret).

    Raises Invalid for an address that may not be called, Conflict where there are too many.
    """
    if wish.url is not None:
        try:
            webhook_address(wish.url, internal=sender.internal)
        except RuleBroken as broken:
            raise Invalid(faults=[Fault("/url", broken.text)]) from None
    async with transaction(service.pool) as connection:
        names = await repository.lock(connection, department)
        before = await repository.find(connection, department, name, locked=True)
        subscription = uuid4() if before is None else before.subscription_id
        kept = None if before is None or wish.url is None else before.secret
        fresh = new_secret() if wish.url is not None and kept is None else None
        secret = kept if fresh is None else sealed(service.ring, subscription, fresh)
        if before is not None:
            await repository.change(connection, subscription, wish.url, wish.types, wish.areas, secret)
        else:
            if len(names) >= MOST:
                raise Conflict(detail=FULL)
            start = await repository.head(connection, department_feed(department))
            await repository.create(
                connection, subscription, department, name, wish.url, wish.types, wish.areas, secret, start
            )
    return before is None, fresh


async def delete(service: Service, department: str, name: str) -> None:
    """End a subscription; what was parked of it waits for nobody any more. Raises NotFound."""
    async with transaction(service.pool) as connection:
        if not await repository.delete(connection, department, name):
            raise NotFound
        await parked.settle_all(connection, origin_of(department, name))


async def pause(service: Service, department: str, name: str) -> None:
    """Send nothing until it is resumed; the place in the feed is kept. Raises NotFound, Conflict when disabled."""
    async with transaction(service.pool) as connection:
        if not await repository.set_state(connection, department, name, "paused"):
            shown = await repository.listed(connection, department, name)
            if not shown:
                raise NotFound
            if shown[0]["state"] == "disabled":
                raise Conflict(detail=ENDED)


async def resume(service: Service, department: str, name: str) -> None:
    """Go on where it stopped, also after the receiver was gone. Raises NotFound."""
    async with transaction(service.pool) as connection:
        if not await repository.set_state(connection, department, name, "active"):
            raise NotFound


async def rotate(service: Service, department: str, name: str, grace: timedelta) -> tuple[str, datetime]:
    """Make a new secret; both sign during the grace. Raises NotFound, Conflict for one that pulls."""
    async with transaction(service.pool) as connection:
        found = await with_webhook(connection, department, name)
        secret = new_secret()
        kept = sealed(service.ring, found.subscription_id, secret)
        return secret, await repository.rotate(connection, found.subscription_id, grace, kept)


async def replay(service: Service, department: str, name: str, after: str | None) -> None:
    """Deliver again what follows a position. Raises NotFound, Conflict, Invalid, FeedReset for a foreign cursor."""
    cursor = None if after is None else Cursor.parse(after)
    async with transaction(service.pool) as connection:
        found = await with_webhook(connection, department, name)
        epoch, head = await repository.head(connection, department_feed(department))
        await repository.replay(connection, found.subscription_id, epoch, start_of(cursor, epoch, head))


async def retry_parked(service: Service, department: str, name: str) -> int:
    """Try what was parked again, now. Returns how many. Raises NotFound, Conflict."""
    async with transaction(service.pool) as connection:
        found = await with_webhook(connection, department, name)
        return await repository.retry_parked(connection, found.subscription_id)


async def trial(service: Service, sender: Sender, department: str, name: str) -> Tried:
    """Send a test message now and say what the receiver said; no connection is held meanwhile.

    Raises NotFound, Conflict for one that pulls.
    """
    async with service.pool.acquire() as connection:
        found = await with_webhook(connection, department, name, locked=False)
    message = trial_message(department_feed(department), name, clock.now())
    secrets = opened(service.ring, found.subscription_id, [found.secret, found.old_secret])
    headers = signed_headers(secrets, str(uuid4()), clock.now(), message)
    began = time.monotonic()
    outcome: Outcome
    try:
        answer = await sender.deliver(found.url or "", {**headers, "content-type": "application/json"}, message)
        outcome, status = outcome_of(answer.status), answer.status
        said = answer.body.decode(errors="replace")[:1000]
    except NotDelivered as trouble:
        outcome, status, said = trouble.why, None, ""
    seconds = round(time.monotonic() - began, 3)
    return Tried(delivered=outcome == "delivered", outcome=outcome, status=status, seconds=seconds, body=said)


async def deliveries(
    service: Service, department: str, name: str, after: UUID | None, state: str | None, limit: int
) -> list[dict[str, object]]:
    """A page of deliveries with their attempts. Raises NotFound."""
    async with service.pool.acquire() as connection:
        found = await repository.find(connection, department, name)
        if found is None:
            raise NotFound
        return await repository.deliveries(connection, found.subscription_id, after, state, limit)


async def with_webhook(connection: Connection, department: str, name: str, *, locked: bool = True) -> Found:
    """A subscription that has a webhook. Raises NotFound, Conflict."""
    found = await repository.find(connection, department, name, locked=locked)
    if found is None:
        raise NotFound
    if found.url is None:
        raise Conflict(detail=PULLS)
    return found
