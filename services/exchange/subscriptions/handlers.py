"""What a department does with its subscriptions. One function per use case; commits before it answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from services.exchange.deliveries.message import trial_message
from services.exchange.deliveries.telling import STORE
from services.exchange.feeds.names import department_feed
from services.exchange.subscriptions import repository
from services.exchange.subscriptions.repository import Found
from services.exchange.subscriptions.rules import kind_of
from services.exchange.subscriptions.schemas import Wish
from services.exchange.topics.repository import abandon
from services.exchange.topics.trial import try_topic
from shared import clock
from shared.app import Service
from shared.client import Sender
from shared.db import Connection, transaction
from shared.deliveries.repository import origin_of
from shared.errors import Conflict, Fault, Invalid, NotFound, RuleBroken, Text
from shared.feed import parked
from shared.feed.log import start_of
from shared.feed.values import Cursor
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import subscription_topic
from shared.subscriptions import repository as shared_repository
from shared.subscriptions.rules import webhook_address
from shared.subscriptions.schemas import Tried
from shared.subscriptions.secrets import opened, sealed
from shared.subscriptions.trial import try_webhook
from shared.webhooks import new_secret

MOST: Final = 20  # subscriptions of one department: each has its own task and connections

FULL = Text("A department has at most 20 subscriptions; delete one first.", "每个部门最多 20 个订阅，请先删除一个。")
NO_BROKER = Text(
    "This exchange has no Kafka broker: pull, or give a `url`.", "本交换平台未配置 Kafka：请改用拉取或 webhook。"
)
NOT_BY_KAFKA = Text(
    "Your department is not provisioned for Kafka: ask the operator, or pull, or give a `url`.",
    "贵部门未开通 Kafka：请联系运维人员开通，或改用拉取、webhook。",
)
PAUSED = Text(
    "This subscription is paused: resume it, or read the whole feed by GET /v1/feed.",
    "该订阅已暂停：请恢复订阅，或通过 GET /v1/feed 读取完整数据流。",
)
PULLS = Text(
    "This subscription only pulls: PUT it with a `url`, or as `kafka`, first.",
    "该订阅仅支持拉取：请先用 PUT 提供 url，或设为 kafka。",
)
IN_ITS_TOPIC = Text(
    "This subscription has a Kafka topic, and no webhook: `replay` publishes again.",
    "该订阅使用 Kafka 主题而非 webhook：请用 replay 重新发布。",
)
ENDED = Text(
    "The receiver said 410 Gone: resume the subscription, or PUT it with another `url`.",
    "接收方已返回 410：请恢复订阅，或用 PUT 提供新的 url。",
)


@dataclass(frozen=True)
class Topics:
    """Who may have topics of subscriptions, and what they are called. `kafka` None: this exchange has no broker."""

    kafka: KafkaSettings | None
    departments: frozenset[str]
    prefix: str

    def name(self, department: str, subscription: str) -> str:
        """A subscription's topic."""
        return subscription_topic(department, subscription, self.prefix)

    def check(self, department: str) -> KafkaSettings:
        """The broker, for a department that is provisioned for it. Raises Conflict."""
        if self.kafka is None:
            raise Conflict(detail=NO_BROKER)
        if department not in self.departments:
            raise Conflict(detail=NOT_BY_KAFKA)
        return self.kafka


async def put(
    service: Service, sender: Sender, topics: Topics, department: str, name: str, wish: Wish
) -> tuple[bool, str | None]:
    """Create a subscription, which begins at the end of the feed, or change one. Returns (created, new secret).

    Raises Invalid for an address that may not be called, Conflict where there are too many, or Kafka is not for them.
    """
    try:
        kind = kind_of(wish.kind, wish.url)
        if wish.url is not None:
            webhook_address(wish.url, internal=sender.internal, allowed=sender.allowed)
    except RuleBroken as broken:
        raise Invalid(faults=[Fault("/url", broken.text)]) from None
    if kind == "kafka":
        topics.check(department)
    async with transaction(service.pool) as connection:
        names = await repository.lock(connection, department)
        before = await repository.find(connection, department, name, locked=True)
        subscription = uuid4() if before is None else before.subscription_id
        kept = None if before is None or wish.url is None else before.secret
        fresh = new_secret() if wish.url is not None and kept is None else None
        secret = kept if fresh is None else sealed(service.ring, subscription, fresh)
        if before is not None:
            await repository.change(connection, subscription, kind, wish.url, wish.types, wish.areas, secret)
            if before.kind == "kafka" and kind != "kafka":
                await let_go(connection, topics.name(department, name))
        else:
            if len(names) >= MOST:
                raise Conflict(detail=FULL)
            start = await repository.head(connection, department_feed(department))
            await repository.create(
                connection, subscription, department, name, kind, wish.url, wish.types, wish.areas, secret, start
            )
    return before is None, fresh


async def delete(service: Service, topics: Topics, department: str, name: str) -> None:
    """End a subscription; what was parked of it waits for nobody, and its topic is deleted. Raises NotFound."""
    async with transaction(service.pool) as connection:
        kind = await repository.delete(connection, department, name)
        if kind is None:
            raise NotFound
        await parked.settle_all(connection, origin_of(department, name))
        if kind == "kafka":
            await let_go(connection, topics.name(department, name))


async def let_go(connection: Connection, topic: str) -> None:
    """Nobody reads a topic any more: the worker deletes it."""
    await abandon(connection, topic)
    await parked.settle_all(connection, topic)


async def pause(service: Service, department: str, name: str) -> None:
    """Send nothing until it is resumed; the place in the feed is kept. Raises NotFound, Conflict when disabled."""
    async with transaction(service.pool) as connection:
        if not await shared_repository.set_state(connection, STORE, department, name, "paused"):
            found = await repository.find(connection, department, name)
            if found is None:
                raise NotFound
            if found.state == "disabled":
                raise Conflict(detail=ENDED)


async def resume(service: Service, department: str, name: str) -> None:
    """Go on where it stopped, also after the receiver was gone. Raises NotFound."""
    async with transaction(service.pool) as connection:
        if not await shared_repository.set_state(connection, STORE, department, name, "active"):
            raise NotFound


async def rotate(service: Service, department: str, name: str, grace: timedelta) -> tuple[str, datetime]:
    """Make a new secret; both sign during the grace. Raises NotFound, Conflict for one that pulls."""
    async with transaction(service.pool) as connection:
        found = await with_webhook(connection, department, name)
        secret = new_secret()
        kept = sealed(service.ring, found.subscription_id, secret)
        return secret, await shared_repository.rotate(connection, STORE, found.subscription_id, grace, kept)


async def replay(service: Service, department: str, name: str, after: str | None) -> None:
    """Deliver again what follows a position, or append it to the topic again.

    Raises NotFound, Conflict, Invalid, FeedReset for a foreign cursor.
    """
    cursor = None if after is None else Cursor.parse(after)
    async with transaction(service.pool) as connection:
        found = await delivered(connection, department, name)
        epoch, head = await repository.head(connection, department_feed(department))
        await repository.replay(connection, found.subscription_id, epoch, start_of(cursor, epoch, head))


async def retry_parked(service: Service, department: str, name: str) -> int:
    """Try what was parked again, now. Returns how many. Raises NotFound, Conflict."""
    async with transaction(service.pool) as connection:
        found = await with_webhook(connection, department, name)
        return await shared_repository.retry_parked(connection, STORE, found.subscription_id)


async def trial(service: Service, sender: Sender, topics: Topics, department: str, name: str) -> Tried:
    """Send a test message now and say what the receiver said, or the broker; no connection is held meanwhile.

    Raises NotFound, Conflict for one that pulls.
    """
    async with service.pool.acquire() as connection:
        found = await delivered(connection, department, name, locked=False)
    if found.kind == "kafka":
        return await try_topic(topics.check(department), topics.name(department, name), department, name)
    message = trial_message(department_feed(department), name, clock.now())
    secrets = opened(service.ring, found.subscription_id, [found.secret, found.old_secret])
    return await try_webhook(sender, found.url or "", secrets, message)


async def deliveries(
    service: Service, department: str, name: str, after: UUID | None, state: str | None, limit: int
) -> list[dict[str, object]]:
    """A page of deliveries with their attempts. Raises NotFound."""
    async with service.pool.acquire() as connection:
        found = await repository.find(connection, department, name)
        if found is None:
            raise NotFound
        return await shared_repository.deliveries(connection, STORE, found.subscription_id, after, state, limit)


async def followed(connection: Connection, department: str, name: str) -> Found:
    """A subscription that may be read through now. Raises NotFound, Conflict while it is paused."""
    found = await repository.find(connection, department, name)
    if found is None:
        raise NotFound
    if found.state == "paused":
        raise Conflict(detail=PAUSED)
    return found


async def delivered(connection: Connection, department: str, name: str, *, locked: bool = True) -> Found:
    """A subscription that has a webhook or a topic. Raises NotFound, Conflict."""
    found = await repository.find(connection, department, name, locked=locked)
    if found is None:
        raise NotFound
    if found.kind == "pull":
        raise Conflict(detail=PULLS)
    return found


async def with_webhook(connection: Connection, department: str, name: str) -> Found:
    """A subscription that has a webhook. Raises NotFound, Conflict."""
    found = await delivered(connection, department, name)
    if found.url is None:
        raise Conflict(detail=IN_ITS_TOPIC)
    return found
