"""Counts follow areas: the first list, another one, or a day on which an area of it ends, counts everybody anew."""

import hashlib
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services.registry.areas import repository as areas_sql
from services.registry.areas.handlers import AREAS, Areas
from services.registry.areas.moved import Moved
from services.registry.statistics import repository as sql
from services.registry.statistics.recount import Recount
from shared import clock
from shared.db import Connection, Pool
from shared.identifiers.areas import AreaTable

SETTLED: Final = timedelta(seconds=10)
"""By then every process of the fold counts by a list: each asks once a second, and a page is folded in less."""


async def follow_areas(pool: Pool, areas: Areas, recount: Recount, settled: timedelta = SETTLED) -> int | None:
    """Count everybody anew where a list of areas reads otherwise than when they were counted last, or where they were
    never counted to the end. Returns how many people count elsewhere; None where there was nothing to do."""
    async with pool.acquire() as connection:
        list_id = await areas_sql.newest(connection, None)
        if list_id != await areas_sql.newest(connection, clock.now() - settled):
            return None
        moved = await areas.moved(connection)
        if await all_counted(connection, list_id, moved):
            return None
    differing = await recount.count_again(pool)
    async with pool.acquire() as connection:
        if list_id is None:
            await sql.counted_by(connection, digest(moved.table), moved.day)
        else:
            await areas_sql.counted(connection, list_id, moved.day)
    return differing


async def all_counted(connection: Connection, list_id: UUID | None, moved: Moved) -> bool:
    """Whether everybody is counted by a list as it reads on the day of `moved`; None: by the provisioned one."""
    day: date | None
    if list_id is None:
        day = await sql.counted_on(connection, digest(moved.table))
    else:
        day = await areas_sql.counted_on(connection, list_id)
    return day is not None and not any(day < ended for ended in moved.days)


def digest(table: AreaTable) -> bytes:
    """What a provisioned list is known by: SHA-256 of all it says."""
    return hashlib.sha256(AREAS.dump_json(tuple(table.values()))).digest()
