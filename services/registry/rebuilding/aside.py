"""What derives of people beside what they are found by: contradictions, half moves, what they count for. Its rows are
sealed and some are anew each time, so that it is compared by what it says."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from services.registry.contradictions import repository as contradictions
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.rules import own
from services.registry.contradictions.values import OWN_KINDS
from services.registry.facts.derived import Folded
from services.registry.facts.rebuild import Known
from services.registry.facts.state import PersonState
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

    async def stored(self, connection: Connection, people: Sequence[UUID]) -> Digests:
        """What stands of people."""
        listed = await contradictions.of_people(connection, people, OWN_KINDS)
        halves = await moves.of_people(connection, people)
        counted = await statistics.counted_for(connection, people)
        return {
            "contradiction": [
                (row["person_id"], digest(self.keeping.opened(row["contradiction_id"], row["body"])))
                for row in listed
                if row["gone_at"] is None
            ],
            "half_move": [(row["person_id"], digest(self.halves.half(row))) for row in halves],
            "statistic_counted": [
                (row["person_id"], digest(sorted(cells.items())))
                for row in counted
                if (cells := self.counting.opened(row["person_id"], row["cells"]))
            ],
        }

    async def derived(self, connection: Connection, known: Known, states: Mapping[UUID, PersonState]) -> Digests:
        """What the facts give of people."""
        moved = await self.counting.moved(connection)
        found: Digests = {table: [] for table in SAID}
        for person, state in states.items():
            facts = known.said[person]
            found["contradiction"] += said(person, own(facts, known.dead, state))
            found["half_move"] += said(person, halves_of(facts, known.dead))
            if cells := self.counting.of(state, facts, known.dead, moved):
                found["statistic_counted"].append((person, digest(sorted(cells.items()))))
        return found

    async def put_right(
        self, connection: Connection, known: Known, states: Mapping[UUID, PersonState], at: datetime
    ) -> None:
        """Let what the facts give stand, as a fold of these people does; their families are judged anew."""
        folded = Folded(
            before=dict.fromkeys(states),
            after=states,
            merged={},
            facts=known.said,
            dead=known.dead,
            people={},
            recorded_at=at,
        )
        found = {person: own(known.said.get(person, ()), known.dead, state) for person, state in states.items()}
        await self.keeping.settle(connection, found, OWN_KINDS, at)
        await contradictions.ask(connection, sorted(states))
        await self.halves.derive(connection, folded)
        await self.counting(connection, folded)


def said(person: UUID, found: Iterable[object]) -> list[tuple[UUID, bytes]]:
    """A row for each."""
    return [(person, digest(each)) for each in found]


def digest(value: object) -> bytes:
    """What something says, in 16 bytes, whatever it is sealed with."""
    return hashlib.sha256(encode(value)).digest()[:16]
