"""The registry's own checks: rows, positions, and everything that derives from facts."""

from collections.abc import AsyncIterator
from dataclasses import astuple
from functools import partial
from uuid import UUID

import asyncpg

from services.registry.facts import repository as sql
from services.registry.facts.handlers import Folding
from services.registry.facts.rebuild import Rebuild
from services.registry.reconciliation import repository
from services.registry.reconciliation.topics import topics_of
from services.registry.tables import TABLES
from shared.app import Service
from shared.db import Connection
from shared.reconciliation.kinds import DERIVED_DIFFERS, Finding
from shared.reconciliation.own import own_checks
from shared.reconciliation.running import Check, Reconciler, Step

PEOPLE = 200  # folded once more in a step

Derived = dict[UUID, tuple[object, frozenset[object], frozenset[object]]]


def reconciler(service: Service, folding: Folding) -> Reconciler:
    """The running reconciler of the registry."""
    rebuild = Rebuild(folding.vault, folding.authorities)
    return Reconciler(
        service.pool,
        [
            *own_checks(service.pool, TABLES),
            Check("derived", (DERIVED_DIFFERS,), partial(derived, service, rebuild)),
            *topics_of(service),
        ],
    )


async def derived(service: Service, rebuild: Rebuild, place: str) -> AsyncIterator[Step]:
    """People, residencies and identifier indexes beside what their facts give, each page as of one moment."""
    last = UUID(place) if place else UUID(int=0)
    while True:
        async with (
            service.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            people = await sql.people_after(connection, last, PEOPLE)
            if not people:
                return
            stored, wanted = await both(connection, rebuild, people)
            everyone = stored.keys() | wanted.keys()
            differing = sorted(person for person in everyone if stored.get(person) != wanted.get(person))
            named = await repository.first_receipts(connection, differing)
        last = people[-1]["person_id"]
        places = [f"receipt {named[person]}" if person in named else "person without facts" for person in differing]
        yield Step(str(last), [Finding(DERIVED_DIFFERS, each) for each in places])


async def both(connection: Connection, rebuild: Rebuild, people: list[asyncpg.Record]) -> tuple[Derived, Derived]:
    """What is stored of these people, and what their facts give; an alias must hold nothing."""
    ids: list[UUID] = [row["person_id"] for row in people]
    residencies, numbers = await sql.residencies(connection, ids), await sql.numbers(connection, ids)
    stored: Derived = {}
    for row in people:
        person: UUID = row["person_id"]
        state = None if row["merged_into"] else rebuild.vault.open_state(person, row["state"])
        lived = frozenset(tuple(each) for each in residencies if each["person_id"] == person)
        found = frozenset(tuple(each) for each in numbers if each["person_id"] == person)
        if state is not None or lived or found:
            stored[person] = (state, lived, found)
    facts = await rebuild.facts(connection, ids)
    states = await rebuild.fold(connection, facts)
    wanted: Derived = {
        person: (
            state,
            frozenset(astuple(each) for each in sql.residencies_of(person, state)),
            frozenset(rebuild.numbers(person, [fact for fact, _ in facts[person]])),
        )
        for person, state in states.items()
    }
    return stored, wanted
