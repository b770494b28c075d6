"""Checks of a service's own tables, the same in each: rows against the tally, entries against positions."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from shared.db import Connection, Pool
from shared.reconciliation import repository
from shared.reconciliation.kinds import POSITION_LOST, ROWS_LOST, TALLY_LOST, Finding
from shared.reconciliation.running import Check, Step
from shared.reconciliation.tables import TableTally

POSITIONS = 100_000  # looked through in a step
NAMED = 100  # lost positions of a step that are named; a feed that lost everything is one finding more, not a million

Gaps = Callable[[Connection, str, int, int, int], Awaitable[list[int]]]


def own_checks(pool: Pool, tables: Iterable[Any], gaps: Gaps = repository.gaps) -> list[Check]:
    """The checks of a service's TABLES; `gaps` finds positions without an entry, wherever a feed's entries stand."""
    names = sorted(str(table.__tablename__) for table in tables if table is not TableTally)
    return [
        Check("tables", (ROWS_LOST, TALLY_LOST), partial(rows, pool, names)),
        Check("positions", (POSITION_LOST,), partial(positions, pool, gaps)),
    ]


async def rows(pool: Pool, tables: list[str], place: str) -> AsyncIterator[Step]:
    """Count every table against its tally."""
    async with pool.acquire() as connection:
        await repository.gather(connection)
    for table in tables:
        if table > place:
            async with pool.acquire() as connection:
                found, wanted = await repository.compare(connection, table)
            met = []
            if found < wanted:
                met.append(Finding(ROWS_LOST, table))
            if found > wanted:
                met.append(Finding(TALLY_LOST, f"{TableTally.__tablename__}/{table}"))
            yield Step(table, met)


async def positions(pool: Pool, gaps: Gaps, place: str) -> AsyncIterator[Step]:
    """Look for positions that were given out and have no entry. A head is read first: what came later is not asked."""
    async with pool.acquire() as connection:
        heads = await repository.heads(connection)
    for feed, partition, head in sorted(heads):
        for first in range(1, head + 1, POSITIONS):
            last = min(first + POSITIONS - 1, head)
            here = f"{feed}/{partition:04}/{last:016}"
            if here > place:
                async with pool.acquire() as connection:
                    lost = await gaps(connection, feed, partition, first, last)
                named = [Finding(POSITION_LOST, f"{feed}/{partition}: {position}") for position in lost[:NAMED]]
                if len(lost) > NAMED:
                    named.append(Finding(POSITION_LOST, f"{feed}/{partition}: {first}-{last}"))
                yield Step(here, named)
