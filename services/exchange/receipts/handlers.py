"""Receipts of a department, judged by the clock; and a held one looked at again."""

from datetime import timedelta
from uuid import UUID, uuid5

import msgspec

from services.exchange.feeds.names import SHARING
from services.exchange.receipts import repository
from services.exchange.receipts.rules import Clock, Wanted
from services.exchange.receipts.schemas import LookingAgain, Receipt
from shared import clock
from shared.app import Service
from shared.db import transaction
from shared.errors import Conflict, NotFound
from shared.errors_text import ErrorText, declare
from shared.feed.values import NewEntry

declare(
    "not-held",
    ErrorText(
        409,
        "Only a held event can be tried again",
        "仅暂挂的事件可以重试",
        "`standing` says how the receipt stands: an accepted event is on its way, an applied or rejected one is "
        "settled. Report what has changed as a new event.",
        "standing 为该回执的当前状态：accepted 表示处理中，applied 或 rejected 已有结果。如有变化，请上报新事件。",
    ),
)


def clock_now(minutes: int | None = None) -> Clock:
    """What is overdue at this instant; `minutes`: how long an accepted event may be on its way."""
    if minutes is None:
        return Clock.at(clock.now(), clock.today())
    return Clock.at(clock.now(), clock.today(), timedelta(minutes=minutes))


def receipt_of(row: dict[str, object], now: Clock) -> Receipt:
    """A stored receipt as it stands by the clock."""
    receipt = Receipt.model_validate(row | {"overdue": False})
    return receipt.model_copy(
        update={
            "overdue": now.overdue(receipt.status, receipt.due, receipt.recorded_at),
            "reason": now.reason(receipt.status, receipt.reason, receipt.recorded_at),
        }
    )


async def one(service: Service, department: str, receipt: UUID) -> Receipt:
    """One receipt. Raises NotFound, for another department's too."""
    async with service.pool.acquire() as connection:
        found = await repository.one(connection, department, receipt)
    if found is None:
        raise NotFound
    return receipt_of(found, clock_now())


async def many(
    service: Service, department: str, wanted: Wanted, now: Clock, after: UUID | None, limit: int
) -> list[Receipt]:
    """Receipts in the order of acceptance."""
    async with service.pool.acquire() as connection:
        found = await repository.many(connection, department, wanted, now, after, limit)
    return [receipt_of(row, now) for row in found]


async def retry(service: Service, department: str, receipt: UUID) -> LookingAgain:
    """Ask the registry to look at a held event again. Raises NotFound, Conflict for one that is not held.

    However many ask at once, the registry is asked once a minute at most.
    """
    now = clock.now()
    async with transaction(service.pool) as connection:
        found = await repository.look_again(connection, department, receipt, now)
        if found is None:
            raise NotFound
        if found.retried_at is None:
            raise Conflict("not-held", standing=found.status)
        if found.fresh:
            entry_id = uuid5(receipt, f"retry {found.retried_at.isoformat()}")
            body = msgspec.json.encode({"kind": "retry", "receipt": receipt})
            await service.feeds.append(connection, SHARING, [NewEntry(entry_id, body)])
    return LookingAgain(receipt=receipt, status="held", retried_at=found.retried_at)
