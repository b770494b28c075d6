"""Counts follow areas: another list, or a day on which an area of it ends, counts everybody anew."""

from datetime import timedelta
from typing import Final

from services.registry.areas import repository as sql
from services.registry.areas.handlers import Areas
from services.registry.statistics.recount import Recount
from shared import clock
from shared.db import Pool

SETTLED: Final = timedelta(seconds=10)
"""By then every process of the fold counts by a list: each asks once a second, and a page is folded in less."""


async def follow_areas(pool: Pool, areas: Areas, recount: Recount, settled: timedelta = SETTLED) -> int | None:
    """Count everybody anew where a list of areas reads otherwise than when they were counted last. Returns how many
    people count elsewhere; None where there was nothing to do."""
    async with pool.acquire() as connection:
        list_id = await sql.newest(connection, clock.now() - settled)
        if list_id is None:
            return None
        counted_on = await sql.counted_on(connection, list_id)
        moved = await areas.moved(connection)
    if counted_on is not None and not any(counted_on < day for day in moved.days):
        return None
    differing = await recount.count_again(pool)
    async with pool.acquire() as connection:
        await sql.counted(connection, list_id, moved.day)
    return differing
