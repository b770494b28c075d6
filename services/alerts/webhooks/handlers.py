"""What supervisors do with their facility's webhooks. One function per use case; commits before it answers."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from services.alerts.registration_help.handlers import facility_feed
from services.alerts.state import Alerts
from services.alerts.webhooks import repository
from services.alerts.webhooks.repository import Found
from services.alerts.webhooks.schemas import WebhookWanted
from services.alerts.webhooks.telling import STORE, trial_message
from shared import clock
from shared.client import Sender
from shared.db import Connection, transaction
from shared.errors import Conflict, Fault, Invalid, NotFound, RuleBroken, Text
from shared.feed.log import head, start_of
from shared.feed.values import Cursor
from shared.subscriptions import repository as shared_repository
from shared.subscriptions.rules import webhook_address
from shared.subscriptions.schemas import Tried
from shared.subscriptions.secrets import opened, sealed
from shared.subscriptions.trial import try_webhook
from shared.webhooks import new_secret

MOST: Final = 10  # webhooks of one facility: each has its own task and connections

FULL = Text("A facility has at most 10 webhooks; delete one first.", "每个机构最多 10 个 webhook，请先删除一个。")
ENDED = Text(
    "The receiver said 410 Gone: resume the webhook, or PUT it with another `url`.",
    "接收方已返回 410：请恢复该 webhook，或用 PUT 提供新的 url。",
)
TAKEN = Text(
    "There is a webhook of this name. Was it made a moment ago and its secret not seen, make a new one on its page.",
    "已有同名的 webhook。如刚刚建立而未看到其密钥，请在其页面更换密钥。",
)
ROTATED = Text(
    "A new secret was made since this page was opened; nothing was changed now. Make another only if nobody saw it.",
    "打开本页之后已更换过密钥，本次未作更改。仅在无人看到新密钥时再次更换。",
)


async def put(
    alerts: Alerts, sender: Sender, facility: str, name: str, wanted: WebhookWanted, *, there: bool | None = None
) -> tuple[bool, str | None]:
    """Make a webhook, which begins at the end of the feed, or change one. Returns (made, new secret). `there`: whether
    it is to be one that there is; None: either.

    Raises Invalid for an address that may not be called, Conflict where there are too many or the name is taken,
    NotFound for one that is to be there and is not.
    """
    try:
        webhook_address(wanted.url, internal=sender.internal, allowed=sender.allowed)
    except RuleBroken as broken:
        raise Invalid(faults=[Fault("/url", broken.text)]) from None
    async with transaction(alerts.service.pool) as connection:
        names = await repository.lock(connection, facility)
        before = await repository.find(connection, facility, name, locked=True)
        if before is not None and there is False:
            raise Conflict(detail=TAKEN)
        if before is not None:
            await repository.change(connection, before.subscription_id, wanted.url, wanted.kinds)
            return False, None
        if there:
            raise NotFound
        if len(names) >= MOST:
            raise Conflict(detail=FULL)
        webhook, secret = uuid4(), new_secret()
        kept = sealed(alerts.service.ring, webhook, secret)
        feed = facility_feed(facility)
        await repository.create(connection, webhook, facility, name, wanted.url, wanted.kinds, kept, feed)
    return True, secret


async def delete(alerts: Alerts, facility: str, name: str) -> None:
    """End it; the entries stay in the feed. Raises NotFound."""
    async with transaction(alerts.service.pool) as connection:
        if not await repository.delete(connection, facility, name):
            raise NotFound


async def pause(alerts: Alerts, facility: str, name: str) -> None:
    """Send nothing until it is resumed; its place in the feed is kept. Raises NotFound, Conflict when disabled."""
    async with transaction(alerts.service.pool) as connection:
        done = await shared_repository.set_state(connection, STORE, facility, name, "paused")
        if not done and (await found(connection, facility, name)).state == "disabled":
            raise Conflict(detail=ENDED)


async def resume(alerts: Alerts, facility: str, name: str) -> None:
    """Go on where it stopped, also after the receiver was gone. Raises NotFound."""
    async with transaction(alerts.service.pool) as connection:
        if not await shared_repository.set_state(connection, STORE, facility, name, "active"):
            raise NotFound


async def rotate(
    alerts: Alerts, facility: str, name: str, grace: timedelta, *, seen: str | None = None
) -> tuple[str, datetime]:
    """Make a new secret; both sign during the grace. `seen`: until when an old one signed when it was decided (`said`);
    None: whatever was. Raises NotFound, Conflict where another was made since."""
    async with transaction(alerts.service.pool) as connection:
        webhook = await found(connection, facility, name, locked=True)
        if seen is not None and seen != said(webhook.old_secret_until):
            raise Conflict(detail=ROTATED)
        secret = new_secret()
        kept = sealed(alerts.service.ring, webhook.subscription_id, secret)
        return secret, await shared_repository.rotate(connection, STORE, webhook.subscription_id, grace, kept)


def said(until: datetime | None) -> str:
    """Until when an old secret signs, as a page keeps it; empty where none does."""
    return until.isoformat() if until else ""


async def replay(alerts: Alerts, facility: str, name: str, after: str | None) -> None:
    """Deliver again what follows a position. Raises NotFound, Invalid, FeedReset for a foreign cursor."""
    cursor, feed = None if after is None else Cursor.parse(after), facility_feed(facility)
    async with transaction(alerts.service.pool) as connection:
        webhook = (await found(connection, facility, name, locked=True)).subscription_id
        epoch, end = await head(connection, feed, 0)
        await repository.replay(connection, webhook, epoch, start_of(cursor, epoch, end), feed)


async def retry_parked(alerts: Alerts, facility: str, name: str) -> int:
    """Try what was parked again, now. Returns how many. Raises NotFound."""
    async with transaction(alerts.service.pool) as connection:
        webhook = (await found(connection, facility, name, locked=True)).subscription_id
        return await shared_repository.retry_parked(connection, STORE, webhook)


async def trial(alerts: Alerts, sender: Sender, facility: str, name: str) -> Tried:
    """Send a test message now and say what the receiver said; no connection is held meanwhile. Raises NotFound."""
    async with alerts.service.pool.acquire() as connection:
        webhook = await found(connection, facility, name)
    link = f"{alerts.service.settings.alerts_url}/worklist"
    message = trial_message(facility_feed(facility), name, link, clock.now())
    secrets = opened(alerts.service.ring, webhook.subscription_id, [webhook.secret, webhook.old_secret])
    return await try_webhook(sender, webhook.url, secrets, message)


async def deliveries(
    alerts: Alerts, facility: str, name: str, after: UUID | None, state: str | None, limit: int
) -> list[dict[str, object]]:
    """A page of deliveries with their attempts. What they are told by is their own id: supervisors read this list, and
    by an entry's they would know a task again. Raises NotFound."""
    async with alerts.service.pool.acquire() as connection:
        webhook = (await found(connection, facility, name)).subscription_id
        rows = await shared_repository.deliveries(connection, STORE, webhook, after, state, limit)
    return [row | {"entry": row["delivery"]} for row in rows]


async def found(connection: Connection, facility: str, name: str, *, locked: bool = False) -> Found:
    """One webhook of the facility. Raises NotFound."""
    webhook = await repository.find(connection, facility, name, locked=locked)
    if webhook is None:
        raise NotFound
    return webhook
