"""What derives of people beside what they are found by: contradictions, half moves, what they count for. Its rows are
sealed and some are anew each time, so that it is compared by what it says."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.registry.contradictions import repository as contradictions
from services.registry.contradictions.keeping import FAMILY_EVENTS, Keeping
from services.registry.contradictions.rules import living_of, own
from services.registry.contradictions.values import FAMILY_KINDS, KINDS, OWN_KINDS, Contradiction
from services.registry.contradictions.worker import Known as Judged
from services.registry.contradictions.worker import beside_relatives
from services.registry.facts.derived import Folded
from services.registry.facts.rebuild import Known
from services.registry.facts.state import PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.values import Fact
from services.registry.imports.alone import agrees, alone, area_of, cells_of
from services.registry.moves import repository as moves
from services.registry.moves.keeping import HalfMoves, halves_of
from services.registry.statistics import repository as statistics
from services.registry.statistics.deltas import Counting
from shared.db import Connection

SAID = ("contradiction", "half_move", "statistic_counted")
"""The tables, each with one row of digests for each of theirs."""

Digests = dict[str, list[tuple[UUID, bytes]]]
encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Aside:
    """Reads, derives and puts right what these features keep."""

    keeping: Keeping
    halves: HalfMoves
    counting: Counting

    def contradiction(self, row: asyncpg.Record) -> Contradiction:
        """A stored contradiction."""
        return self.keeping.opened(row["contradiction_id"], row["body"])

    async def stored(self, connection: Connection, people: Sequence[UUID]) -> Digests:
        """What stands of people; of whoever waits to be judged beside their relatives, nothing that those tell."""
        listed = await contradictions.of_people(connection, people, KINDS)
        beside = {row["person_id"] for row in listed if row["kind"] in FAMILY_KINDS}
        waiting = await contradictions.waiting(connection, beside) if beside else set()
        halves = await moves.of_people(connection, people)
        counted = await statistics.counted_for(connection, people)
        return {
            "contradiction": [
                (row["person_id"], digest((row["kind"], row["departments"], self.contradiction(row))))
                for row in listed
                if row["gone_at"] is None and not (row["kind"] in FAMILY_KINDS and row["person_id"] in waiting)
            ],
            "half_move": [(row["person_id"], digest(self.halves.half(row))) for row in halves],
            "statistic_counted": [
                (row["person_id"], digest(sorted(cells.items())))
                for row in counted
                if (cells := self.counting.opened(row["person_id"], row["cells"]))
            ],
        }

    async def derived(self, connection: Connection, known: Known, states: Mapping[UUID, PersonState]) -> Digests:
        """What the facts give of people; an entry alone is half of no move."""
        moved = await self.counting.moved(connection)
        found: Digests = {table: [] for table in SAID}
        home = frozenset(self.counting.home)
        for person, state in states.items():
            facts = known.said[person]
            if (entry := alone(facts, known.dead)) is not None and agrees(entry):
                if once := cells_of(entry, area_of(entry, moved), home):
                    found["statistic_counted"].append((person, digest([(cell, 1) for cell in sorted(once)])))
                continue
            found["contradiction"] += contradicted(person, own(facts, known.dead, state))
            found["half_move"] += said(person, halves_of(facts, known.dead))
            if cells := self.counting.of(state, facts, known.dead, moved):
                found["statistic_counted"].append((person, digest(sorted(cells.items()))))
        for person, families in (await self.families(connection, known)).items():
            found["contradiction"] += contradicted(person, families)
        return found

    async def families(self, connection: Connection, known: Known) -> dict[UUID, set[Contradiction]]:
        """What stands between people and their relatives as these are stored; nothing of whoever waits to be judged,
        and nobody but those of whom a birth, a marriage or a correction is known."""
        people = [
            person
            for person, facts in known.said.items()
            if any(fact.type in FAMILY_EVENTS or fact.supersedes or fact.event in known.dead for fact in facts)
        ]
        if not people:
            return {}
        waiting = await contradictions.waiting(connection, people)
        judged = {person: judged_of(known, person) for person in people if person not in waiting}
        return await beside_relatives(connection, Vault(self.keeping.ring), judged)

    async def put_right(
        self,
        connection: Connection,
        known: Known,
        states: Mapping[UUID, PersonState],
        merged: Mapping[UUID, UUID],
        at: datetime,
    ) -> None:
        """Let what the facts give stand, as a fold of these people does; their families are judged anew, soon, as after
        a fold. `merged`: those of them who are known by another's id, and hold nothing."""
        folded = Folded(
            before=dict.fromkeys(states),
            after=states,
            merged=dict(merged),
            facts=known.said,
            dead=known.dead,
            people={},
            recorded_at=at,
        )
        found = {person: own(known.said.get(person, ()), known.dead, state) for person, state in states.items()}
        found |= {alias: set() for alias in merged}
        await self.keeping.settle(connection, found, OWN_KINDS, at)
        await contradictions.ask(connection, sorted(found))
        await self.halves.derive(connection, folded)
        await self.counting(connection, folded)


def judged_of(known: Known, person: UUID) -> Judged:
    """What is known of somebody, as families are judged by it."""
    facts, lines = known.said[person], dict[UUID, list[Fact]]()
    for fact, lineage in zip(facts, known.lineages[person], strict=True):
        lines.setdefault(lineage, []).append(fact)
    return Judged(living_of(facts, known.dead), lines)


def contradicted(person: UUID, found: Iterable[Contradiction]) -> list[tuple[UUID, bytes]]:
    """A row for each, with what decides who hears of it."""
    return said(person, [(each.kind, each.departments, each) for each in found])


def said(person: UUID, found: Iterable[object]) -> list[tuple[UUID, bytes]]:
    """A row for each."""
    return [(person, digest(each)) for each in found]


def digest(value: object) -> bytes:
    """What something says, in 16 bytes, whatever it is sealed with."""
    return hashlib.sha256(encode(value)).digest()[:16]
