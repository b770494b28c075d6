"""Corrections that an authority decided in the registry: once the last day is over, the registry is told whether
everyone who heard of one has acknowledged it, and again when that changes. Never who, nor how many."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import msgspec
import structlog

from services.exchange.corrections import repository as sql
from services.exchange.corrections.rules import ACKNOWLEDGE_WITHIN
from services.exchange.distribution.entries import CorrectionTold
from services.exchange.feeds.names import SHARING
from shared import clock
from shared.app import Service
from shared.db import Connection, transaction
from shared.feed.follow import PASSING
from shared.feed.values import NewEntry

LOOK_SECONDS: Final = 60.0
MOST: Final = 500  # in one transaction: the feed's head is held

log = structlog.get_logger()


async def decided(connection: Connection, page: Sequence[tuple[CorrectionTold, datetime]]) -> None:
    """Note what was decided, and when at the latest it is to be acknowledged; a repeat says nothing new."""
    for told, at in page:
        day = at.astimezone(clock.SHANGHAI).date() + ACKNOWLEDGE_WITHIN
        await sql.decided(connection, told.receipt, told.correction, told.authority, day)


def told_to_registry(receipt: UUID, correction: UUID, acknowledged: str, number: int) -> NewEntry:
    """How it stands now; `number`: of the tellings about this receipt, so that each has one id for ever."""
    body = {"kind": "acknowledged", "correction": correction, "receipt": receipt, "acknowledged": acknowledged}
    return NewEntry(uuid5(receipt, f"acknowledged {number}"), msgspec.json.encode(body))


async def tell_acknowledged(service: Service) -> int:
    """Tell the registry what has changed since it was told last; gives how many tellings. Those of which everyone
    has acknowledged are not looked at again, until somebody is told of them late."""
    told = 0
    after: UUID | None = None
    while True:
        async with transaction(service.pool) as connection:
            rows = await sql.to_look_at(connection, clock.today(), after, MOST)
            news = [row for row in rows if row["acknowledged"] != row["told"]]
            await sql.looked_at(connection, [(row["receipt"], row["acknowledged"]) for row in rows])
            entries = [
                told_to_registry(row["receipt"], row["correction"], row["acknowledged"], row["tellings"] + 1)
                for row in news
            ]
            await service.feeds.append(connection, SHARING, entries)
        told += len(news)
        if len(rows) < MOST:
            return told
        after = rows[-1]["receipt"]


async def keep_telling(service: Service) -> None:
    """Look every minute, until cancelled; a database that is away is asked again."""
    while True:
        try:
            await tell_acknowledged(service)
        except PASSING as trouble:
            log.warning("acknowledgements_wait", trouble=type(trouble).__name__)
        await asyncio.sleep(LOOK_SECONDS)
