"""The registry's own checks: rows, positions, and everything that derives from facts."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from services.registry.facts import repository as sql
from services.registry.facts.handlers import Folding
from services.registry.reconciliation import repository
from services.registry.reconciliation.derived import Beside
from services.registry.reconciliation.topics import topics_of
from services.registry.statistics.recount import recount_of
from services.registry.tables import TABLES
from shared.app import Service
from shared.reconciliation.kinds import DERIVED_DIFFERS, Finding
from shared.reconciliation.own import own_checks
from shared.reconciliation.running import Check, Reconciler, Step

PEOPLE = 200  # folded once more in a step


def reconciler(service: Service, folding: Folding) -> Reconciler:
    """The running reconciler of the registry."""
    recount = recount_of(service, folding)
    beside = Beside(recount.rebuild, recount.counting)
    return Reconciler(
        service.pool,
        [
            *own_checks(service.pool, TABLES),
            Check("derived", (DERIVED_DIFFERS,), partial(derived, service, beside)),
            *topics_of(service),
        ],
    )


async def derived(service: Service, beside: Beside, place: str) -> AsyncIterator[Step]:
    """People and all that is kept of them beside what their facts give, each page as of one moment."""
    last = UUID(place) if place else UUID(int=0)
    while True:
        async with (
            service.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            people = await sql.people_after(connection, last, PEOPLE)
            if not people:
                return
            stored, wanted = await beside.both(connection, people)
            differing = sorted(person for person in stored if stored[person] != wanted[person])
            named = await repository.first_receipts(connection, differing)
        last = people[-1]["person_id"]
        places = [f"receipt {named[person]}" if person in named else "person without facts" for person in differing]
        yield Step(str(last), [Finding(DERIVED_DIFFERS, each) for each in places])
