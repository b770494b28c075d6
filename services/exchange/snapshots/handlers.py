"""A newcomer's beginning: what a department holds by its feed, with the position from which to follow it.

Pages may be read while others write. What changed after the first page comes again on the feed behind `position`; to
take in an older entry after a newer page does no harm, for the newer entry follows (tests/service/test_snapshots.py).
"""

from collections.abc import Sequence
from uuid import UUID, uuid4, uuid5

import asyncpg

from services.exchange.agreements.current import CurrentAgreements
from services.exchange.feeds.names import SHARING, department_feed
from services.exchange.snapshots import repository
from services.exchange.snapshots.cursors import Place, cursor_of, place_of
from services.exchange.snapshots.schemas import PersonHeld, Snapshot
from services.exchange.told.disclosures import Disclosure, told_to_registry
from services.exchange.told.repository import opened
from shared import clock
from shared.app import Service
from shared.db import transaction
from shared.errors import NotFound
from shared.feed.values import Cursor, FeedReset
from shared.sharing.agreement import Agreement
from shared.sharing.disclose import as_state, disclose


async def snapshot(
    service: Service, agreements: CurrentAgreements, department: str, after: str | None, limit: int
) -> Snapshot:
    """One page; what it discloses is told to the registry in the same transaction, or it is not given.

    Raises FeedReset (409) where the feed's epoch changed since the first page, Invalid for a cursor that is none.
    """
    start = None if after is None else place_of(service.ring, department, after)
    feed, today = department_feed(department), clock.today()
    async with transaction(service.pool) as connection:
        behind = "" if start is None else start.reference
        rows = await repository.page(connection, department, feed, behind, limit, today)
        if not rows:
            raise NotFound
        head = Place(rows[0]["feed_epoch"], rows[0]["head"], "")
        first = start or head
        if first.epoch != head.epoch or first.position > head.position:
            raise FeedReset(head.epoch)
        found = [row for row in rows if row["reference"] is not None]
        standing = (await agreements.current(connection)).for_(department, None, today)
        shown = [held for row in found if (held := cut(service, row, standing)) is not None]
        disclosures = disclosed_by(department, shown)
        entries = told_to_registry(disclosures, {department: standing}, "snapshot")
        await service.feeds.append(connection, SHARING, entries)
    last = Place(first.epoch, first.position, found[-1]["reference"]) if len(found) == limit else None
    return Snapshot(
        position=str(Cursor(first.epoch, first.position)),
        people=shown,
        next_after=None if last is None else cursor_of(service.ring, department, last),
    )


def cut(service: Service, row: asyncpg.Record, standing: Sequence[Agreement]) -> PersonHeld | None:
    """One person as the department's agreements allow now; None where no case stands, or nothing is left."""
    told, called, department = opened(service.ring, row), set(row["called"]), row["department"]
    granting = [
        agreement
        for agreement in standing
        if row["reporting"] or agreement.identifier in called or (told.registered and agreement.scope == "everyone")
    ]
    found = disclose(
        as_state(told.holds, department),
        granting,
        receiver=department,
        holds_case=row["reporting"] or bool(called),
        registered=told.registered,
        protected_from=row["protected"],
        fields=told.holds,
    )
    if not found.fields:
        return None
    fields = {name: value for name, value in found.fields.items() if isinstance(value, str)}
    return PersonHeld(reference=row["reference"], fields=fields, basis=list(found.basis))


def disclosed_by(department: str, shown: Sequence[PersonHeld]) -> list[Disclosure]:
    """What this page gives, as the registry is told of it: the act is this page, and each person in it."""
    act: UUID = uuid4()
    now = clock.now()
    return [
        Disclosure(
            uuid5(act, each.reference),
            (department, each.reference),
            tuple(sorted(each.fields)),
            tuple(each.basis),
            now,
        )
        for each in shown
    ]
