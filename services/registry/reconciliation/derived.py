"""Everything that derives from facts, person by person: as it is stored, and as the facts give it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from uuid import UUID

import asyncpg

from services.registry.areas import repository as areas_sql
from services.registry.blocks import repository as blocks
from services.registry.blocks.handlers import Blinding
from services.registry.contradictions import repository as contradictions
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.rules import own
from services.registry.contradictions.values import OWN_KINDS
from services.registry.facts import repository as sql
from services.registry.facts.rebuild import Rebuild
from services.registry.moves import repository as moves
from services.registry.moves.keeping import HalfMoves, halves_of
from services.registry.statistics import repository as statistics
from services.registry.statistics.deltas import Counting
from services.registry.statistics.following import all_counted
from shared.crypto.sealing import Unsealable
from shared.db import Connection

Read = TypeVar("Read")
UNREADABLE = "unreadable"


@dataclass
class Derived:
    """All that derives from the facts about one person."""

    state: object = None
    residencies: frozenset[object] = frozenset()
    numbers: frozenset[object] = frozenset()
    blocks: frozenset[bytes] = frozenset()
    counted: object = frozenset()
    half_moves: set[object] = field(default_factory=set)
    contradictions: set[object] = field(default_factory=set)


@dataclass(frozen=True)
class Beside:
    """Reads what is stored, and derives it once more. Run both in one repeatable-read transaction."""

    rebuild: Rebuild
    counting: Counting

    async def both(
        self, connection: Connection, people: Sequence[asyncpg.Record]
    ) -> tuple[dict[UUID, Derived], dict[UUID, Derived]]:
        """What is stored of these people, and what their facts give; an alias must hold nothing.

        Blocks have no index by person: those that are wanted are looked for, others are not missed. Counts are left
        out while everybody is counted anew.
        """
        ids: list[UUID] = [row["person_id"] for row in people]
        count = await self.are_counted(connection)
        wanted = await self.wanted(connection, ids, count=count)
        stored = await self.stored(connection, people, count=count)
        keys = [(key, person) for person, each in wanted.items() for key in each.blocks]
        found: dict[UUID, set[bytes]] = {}
        for key, person in await blocks.standing(connection, keys):
            found.setdefault(person, set()).add(key)
        for person, known in found.items():
            stored[person].blocks = frozenset(known)
        return stored, wanted

    async def are_counted(self, connection: Connection) -> bool:
        """Whether counts are as states and areas are, and nobody is being counted anew."""
        moved, newest = await self.counting.moved(connection), await areas_sql.newest(connection, None)
        return moved is None or await all_counted(connection, newest, moved)

    async def stored(
        self, connection: Connection, people: Sequence[asyncpg.Record], *, count: bool
    ) -> dict[UUID, Derived]:
        """What is stored, but for blocks."""
        vault, ids = self.rebuild.vault, [row["person_id"] for row in people]
        found = {person: Derived() for person in ids}
        for row in people:
            if not row["merged_into"]:
                found[row["person_id"]].state = vault.open_state(row["person_id"], row["state"])
        for row in await sql.residencies(connection, ids):
            found[row["person_id"]].residencies |= {tuple(row)}
        for row in await sql.numbers(connection, ids):
            found[row["person_id"]].numbers |= {tuple(row)}
        for row in await statistics.counted_for(connection, ids) if count else ():
            cells = opened(partial(self.counting.opened, row["person_id"], row["cells"]))
            found[row["person_id"]].counted = cells if isinstance(cells, str) else frozenset(cells.items())
        halves = HalfMoves(vault.ring)
        for row in await moves.of_people(connection, ids):
            permit = opened(partial(halves.opened, row["move_id"], row["permit"]))
            found[row["person_id"]].half_moves.add((permit, row["half"], row["since"], row["area"]))
        keeping = Keeping(vault.ring)
        for row in await contradictions.of_people(connection, ids, OWN_KINDS):
            if row["gone_at"] is None:
                said = opened(partial(keeping.opened, row["contradiction_id"], row["body"]))
                found[row["person_id"]].contradictions.add(said)
        return found

    async def wanted(self, connection: Connection, people: list[UUID], *, count: bool) -> dict[UUID, Derived]:
        """What the facts give. Nothing of people without facts."""
        known = await self.rebuild.known(connection, people)
        states = await self.rebuild.states(connection, known)
        moved = await self.counting.moved(connection)
        blinding = Blinding(self.rebuild.vault.ring)
        found = {person: Derived() for person in people}
        for person, state in states.items():
            said = known.said[person]
            cells = self.counting.of(state, said, known.dead, moved) if count else {}
            found[person] = Derived(
                state=state,
                residencies=frozenset(sql.residencies_of(person, state)),
                numbers=frozenset(self.rebuild.numbers(person, said)),
                blocks=frozenset(blinding.of(state)),
                counted=frozenset(cells.items()),
                half_moves=set(halves_of(said, known.dead)),
                contradictions=set(own(said, known.dead, state)),
            )
        return found


def opened(read: Callable[[], Read]) -> Read | str:
    """What is sealed in a row, or that somebody broke it."""
    try:
        return read()
    except Unsealable:
        return UNREADABLE
