"""Compare a department's own list with the journal."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from asyncpg import Record

from services.exchange.intake.journal import keyed_digest
from services.exchange.reconciliation import repository
from services.exchange.reconciliation.listed import MOST_FAULTS, Listed, fault
from services.exchange.reconciliation.repository import Found
from services.exchange.reconciliation.rules import Pair, difference_of
from shared.app import Service
from shared.clock import SHANGHAI
from shared.crypto.sealing import seal
from shared.db import Connection, transaction
from shared.errors import Invalid, Text, Unavailable

KEY = "journal"
AT_ONCE = 5_000  # rows; the other callers come in between
PROGRESS = 50_000  # rows between two notes of progress


def period_of(first_day: date, last_day: date) -> tuple[datetime, datetime]:
    """The instants of whole days in Shanghai: from the first day's midnight, and before the one after the last day."""
    begin = datetime.combine(first_day, time(), SHANGHAI)
    return begin, datetime.combine(last_day, time(), SHANGHAI) + timedelta(days=1)


def record_context(reconciliation: UUID, number: int) -> bytes:
    """Bind a sealed record number to its place."""
    return b"reconciliation" + reconciliation.bytes + number.to_bytes(4)


@dataclass
class Comparison:
    """One list on its way through the journal."""

    service: Service
    department: str
    first_day: date
    last_day: date
    listed: Listed

    async def run(self) -> UUID:
        """Compare; the result is stored whole or not at all. Raises Invalid for rows that stand twice, Unavailable
        while the journal is still being dated."""
        async with self.service.pool.acquire() as connection:
            if await repository.not_dated(connection, self.department):
                raise Unavailable(retry_after=60)
        async with transaction(self.service.pool) as connection:
            await repository.stage(connection, self.listed.rows())
            if again := await repository.twice(connection, MOST_FAULTS):
                raise Invalid(faults=[fault(last, "", twice(first)) for first, last in again])
            async with transaction(self.service.pool) as beside:
                whole = (self.department, self.first_day, self.last_day, len(self.listed))
                number = await repository.begin(beside, *whole)
            try:
                await self.compare(connection, number)
            except BaseException:
                await repository.fail(self.service.pool, number)
                raise
        return number

    async def compare(self, connection: Connection, reconciliation: UUID) -> None:
        """Judge every event of both, in portions, and store what differs."""
        counts: Counter[str] = Counter(listed=len(self.listed))
        number, compared, noted = 0, 0, 0
        since, until = period_of(self.first_day, self.last_day)
        async for rows in repository.compare(connection, self.department, since, until, AT_ONCE):
            found = []
            for row in rows:
                kind_and_why = difference_of(self.pair(row))
                if kind_and_why is None:
                    counts["same"] += 1
                    continue
                number += 1
                kind, why = kind_and_why
                counts[kind] += 1
                counts[f"{kind}: {why}"] += 1
                record = self.listed.records.get(row["line"])
                place = record_context(reconciliation, number)
                sealed = None if record is None else seal(self.service.ring, KEY, record.encode(), place)
                found.append(Found(number, kind, why, row["source"], row["id"], row["line"], row["receipt"], sealed))
            await repository.store(connection, reconciliation, found)
            compared += len(rows)
            if compared - noted >= PROGRESS:
                noted = compared
                await repository.progress(self.service.pool, reconciliation, compared)
        await repository.finish(connection, reconciliation, dict(counts), compared)

    def pair(self, row: Record) -> Pair:
        """What list and journal say of one event."""
        listed, held = row["listed"], row["digest"]
        same = listed is None or held is None or held == keyed_digest(self.service.ring, listed, held)
        return Pair(
            listed=listed is not None,
            reported=held is not None,
            same=same,
            in_period=bool(row["in_period"]),
            status=row["status"] or "accepted",
            superseded=row["superseded"],
        )


def twice(first: int) -> Text:
    """A vital event may stand in a list once."""
    return Text(f"names the same vital event as line {first}", f"与第 {first} 行为同一事件")
