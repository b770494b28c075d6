"""The exchange's checks: rows, positions, cursors, and the journal beside the registry and the outcomes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import msgspec

from services.exchange.agreements.current import CurrentAgreements
from services.exchange.feeds.names import SHARING
from services.exchange.intake.journal import FEED, KEY
from services.exchange.reconciliation.running import repository
from services.exchange.reconciliation.running.agreements import GRACE_SECONDS, BesideAgreements
from services.exchange.reconciliation.running.registry import Standing, standing_of
from services.exchange.reconciliation.running.rules import judged
from services.exchange.reconciliation.running.told import BesideTold
from services.exchange.tables import TABLES
from shared.app import Service
from shared.client import Client
from shared.contracts.catalogue import CATALOGUE, full_type
from shared.crypto.sealing import unseal
from shared.reconciliation import repository as own
from shared.reconciliation.kinds import (
    CURSOR_AHEAD,
    FACT_LOST,
    NOT_TAKEN,
    OUTCOME_DIFFERS,
    OUTCOME_LOST,
    TOLD_DIFFERS,
    Finding,
)
from shared.reconciliation.own import own_checks
from shared.reconciliation.running import Check, InFlight, Reconciler, Step

EVENTS = 500  # compared in a step
ASK = "/v1/reconciliation/receipts"
LOOKS, BETWEEN = 50, 0.2  # seconds; so often the own cursor is looked at until it is as far as the registry's answer


def reconciler(
    service: Service,
    registry: Client,
    agreements: CurrentAgreements,
    more: Sequence[Check] = (),
    grace: float = GRACE_SECONDS,
) -> Reconciler:
    """The running reconciler of the exchange; `more`: checks of what not every exchange has, such as topics; `grace`:
    seconds between two looks at an agreement that differs."""
    beside = BesideRegistry(service, registry)
    told = BesideTold(service, registry, agreements, beside.until_told)
    return Reconciler(
        service.pool,
        [
            *own_checks(service.pool, TABLES, repository.gaps),
            Check("cursors", (CURSOR_AHEAD,), beside.cursors),
            Check("events", (NOT_TAKEN, FACT_LOST, OUTCOME_LOST, OUTCOME_DIFFERS), beside.events),
            Check("told", (TOLD_DIFFERS,), told.look),
            BesideAgreements(service, registry, grace).check(),
            *more,
        ],
    )


@dataclass(frozen=True)
class BesideRegistry:
    """What both services know of the same."""

    service: Service
    registry: Client

    async def ask(self, receipts: Sequence[object]) -> Standing:
        """What the registry knows now. Raises OtherSideAway."""
        return standing_of(await self.registry.ask(ASK, {"receipts": [str(receipt) for receipt in receipts]}))

    async def cursors(self, place: str) -> AsyncIterator[Step]:
        """No follower stands beyond what it follows: its cursor is read before the head that it cannot have passed."""
        async with self.service.pool.acquire() as connection:
            epoch, position = await repository.cursor(connection)
        standing = await self.ask([])
        met = []
        if epoch == standing.changes[0] and position > standing.changes[1]:
            met.append(Finding(CURSOR_AHEAD, "changes/0"))
        async with self.service.pool.acquire() as connection:
            heads = await repository.heads(connection)
            ahead = await repository.subscriptions_ahead(connection)
        for head in heads:
            followed = standing.followed.get(str(head.partition))
            if followed is not None and followed[0] == head.epoch and followed[1] > head.position:
                met.append(Finding(CURSOR_AHEAD, f"{FEED}/{head.partition}"))
        async with self.service.pool.acquire() as connection:
            told = await own.head(connection, SHARING)
        if standing.sharing[0] == told[0] and standing.sharing[1] > told[1]:
            met.append(Finding(CURSOR_AHEAD, f"{SHARING}/0"))
        met += [Finding(CURSOR_AHEAD, f"subscription of {department}: {name}") for department, name in ahead]
        yield Step("cursors", met)

    async def events(self, place: str) -> AsyncIterator[Step]:
        """Every accepted event that the registry has come to: it has it, with its facts, and its outcome came back.

        A partition that is behind is compared as far as it was taken: it keeps nobody from looking at the others.
        """
        async with self.service.pool.acquire() as connection:
            heads = await repository.heads(connection)
        standing = await self.ask([])
        for head in heads:
            epoch, followed = standing.followed.get(str(head.partition), (None, 0))
            last = min(head.position, followed) if epoch == head.epoch else 0
            position = 0
            if place:
                partition, done = map(int, place.split("/"))
                if head.partition < partition:
                    continue
                position = done if head.partition == partition else 0
            while position < last:
                async with self.service.pool.acquire() as connection:
                    page = await repository.page(connection, head.partition, position, last, EVENTS)
                if not page:
                    break
                position = page[-1]["position"]
                yield Step(f"{head.partition}/{position}", await self.compare(head, page))

    async def compare(self, head: repository.Head, page: Sequence[asyncpg.Record]) -> list[Finding]:
        """One page. Raises InFlight where a follower is not as far as the comparison needs."""
        receipts = [row["receipt"] for row in page]
        standing = await self.ask(receipts)
        epoch, followed = standing.followed.get(str(head.partition), (None, 0))
        if epoch != head.epoch or followed < page[-1]["position"]:
            raise InFlight
        await self.until_told(standing.changes)
        async with self.service.pool.acquire() as connection:
            outcomes = await repository.outcomes(connection, receipts)
        found = []
        for row in page:
            receipt = row["receipt"]
            kind = judged(self.roles(row), standing.known.get(receipt), outcomes.get(receipt))
            if kind is not None:
                found.append(Finding(kind, f"receipt {receipt}"))
        return found

    async def until_told(self, changes: tuple[UUID, int]) -> None:
        """Wait until everything that the registry had told up to there is taken. Raises InFlight."""
        if changes[1] == 0:
            return  # nothing was ever told
        for _ in range(LOOKS):
            async with self.service.pool.acquire() as connection:
                epoch, position = await repository.cursor(connection)
            if epoch == changes[0] and position >= changes[1]:
                return
            await asyncio.sleep(BETWEEN)
        raise InFlight

    def roles(self, row: asyncpg.Record) -> list[str]:
        """The roles of the people whom an accepted event mentions."""
        place = f"{row['source']}\n{row['id']}".encode()
        event = msgspec.json.decode(unseal(self.service.ring, KEY, row["body"], place))
        entry = CATALOGUE[full_type(row["type"])]
        return list(entry.people(entry.adapter.validate_python(event["data"])))
