"""Events of before the journal knew when they were: their bodies are opened once, and the columns filled in.

A migration cannot do it: the bodies are sealed, and it has no keys. There are none after the first start.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import structlog

from services.exchange.intake import journal
from shared.app import Service
from shared.auth.caller import DEPARTMENTS
from shared.crypto.sealing import unseal
from shared.db import transaction
from shared.feed.follow import PASSING

PAGE: Final = 500
RETRY_SECONDS: Final = 5.0

log = structlog.get_logger()


class Superseded(msgspec.Struct, frozen=True):
    """What a correction replaces."""

    source: str
    id: str


class Data(msgspec.Struct, frozen=True):
    """What is needed of the data."""

    supersedes: Superseded | None = None


class Event(msgspec.Struct, frozen=True):
    """What is needed of an accepted event."""

    time: datetime
    data: Data


EVENT = msgspec.json.Decoder(Event)


async def date_journal(service: Service) -> None:
    """Fill in everything that is missing, then end."""
    while True:
        try:
            while await step(service):
                pass
        except PASSING as trouble:
            log.warning("dating_waits", trouble=type(trouble).__name__)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


async def step(service: Service) -> int:
    """Fill in a page; returns how many there were."""
    async with transaction(service.pool) as connection:
        rows = await connection.fetch(journal.NOT_DATED, sorted(DEPARTMENTS), PAGE)
        if rows:
            await connection.execute(journal.DATE, *map(list, zip(*dated(service, rows), strict=True)))
    return len(rows)


def dated(service: Service, rows: Sequence[asyncpg.Record]) -> list[tuple[UUID, datetime, str | None, str | None]]:
    """Receipt, time, and what is superseded, of each."""
    found = []
    for row in rows:
        place = f"{row['source']}\n{row['id']}".encode()
        event = EVENT.decode(unseal(service.ring, journal.KEY, row["body"], place))
        by = event.data.supersedes
        found.append((row["receipt"], event.time, by.source if by else None, by.id if by else None))
    return found
