"""How much an official may look for in an hour and see in a day. Without an end, searching would tell who there is.

The counts stand in the database, so that all processes share them and a restart forgets none.
"""

import math
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import structlog

from services.registry.people import repository as sql
from shared import clock
from shared.auth.caller import Caller
from shared.db import Connection, Pool, transaction
from shared.errors_tree import NotFound, Problem

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Quotas:
    """Searches an hour (every one counts, whatever comes of it) and people seen a day in Asia/Shanghai, each for one
    official of one department."""

    searches_an_hour: int
    people_a_day: int

    async def count_search(self, pool: Pool, caller: Caller) -> None:
        """Count one more search, in a transaction of its own: one that is refused, or finds nobody, counts too. Raises
        Problem (429), with `Retry-After` in seconds until the hour is over."""
        now = clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        async with transaction(pool) as connection:
            counted = await sql.count_search(connection, official(caller), hour, self.searches_an_hour)
        if not counted:
            after = math.ceil((hour + timedelta(hours=1) - now).total_seconds())
            raise reached(caller, after, {"of": "searches", "per_hour": self.searches_an_hour})

    async def people_left(self, connection: Connection, caller: Caller) -> None:
        """Look whether the official may see anybody more today, before anyone is looked up: who is asked for makes no
        difference. Raises Problem (429), with `Retry-After` in seconds until the day is over."""
        who = official(caller)
        self.refuse(caller, (await sql.people_seen(connection, [who], clock.today()))[who])

    @asynccontextmanager
    async def nobody_new(self, connection: Connection, caller: Caller) -> AsyncIterator[None]:
        """At the quota the block may show again whom the official has seen today, which costs nothing, and nobody else:
        that somebody would be shown, or that nothing is there, is one answer. Raises Problem (429); the transaction
        then keeps nothing."""
        who, today = official(caller), clock.today()
        before = (await sql.people_seen(connection, [who], today))[who]
        try:
            yield
        except NotFound:
            self.refuse(caller, before)
            raise
        if (await sql.people_seen(connection, [who], today))[who] > before:
            self.refuse(caller, before)

    async def count_people(self, connection: Connection, caller: Caller, people: Iterable[UUID]) -> None:
        """Count whom the official sees, in the transaction that shows them."""
        who = official(caller)
        if rows := [(who, person) for person in sorted(set(people))]:
            await sql.seen(connection, clock.today(), rows)

    def refuse(self, caller: Caller, seen: int) -> None:
        """Raises Problem (429) where the official has seen as many people as they may today."""
        if seen >= self.people_a_day:
            raise reached(caller, clock.seconds_left_today(), {"of": "people", "per_day": self.people_a_day})

    async def reached_today(self, connection: Connection) -> list[dict[str, object]]:
        """Of which departments how many officials have come to one of their quotas today."""
        quotas = (self.searches_an_hour, self.people_a_day)
        return await sql.quotas_reached(connection, clock.today(), midnight(clock.today()), *quotas)


def official(caller: Caller) -> sql.Official:
    """Whose quota it is."""
    return sql.Official(caller.department or "", caller.subject)


def reached(caller: Caller, after: int, limit: dict[str, object]) -> Problem:
    """The answer; and an alarm for the protection officer, a warning in the log and GET /v1/overview."""
    log.warning("look_up_quota_reached", department=caller.department, **limit)
    return Problem("quota-exceeded", headers={"Retry-After": str(max(1, after))}, limit=limit)


async def forget(pool: Pool) -> None:
    """Remove the counts of days that are over."""
    today = clock.today()
    async with transaction(pool) as connection:
        await sql.forget_counts(connection, today, midnight(today))


def midnight(day: date) -> datetime:
    """When a day begins in Asia/Shanghai."""
    return datetime.combine(day, time(), clock.SHANGHAI)
