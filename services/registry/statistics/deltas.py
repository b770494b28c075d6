"""Every change of what people count for, written in the transaction that folds them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

import msgspec

from services.registry.areas.handlers import Areas
from services.registry.areas.moved import Moved
from services.registry.facts.derived import Folded
from services.registry.facts.fold import fact_order
from services.registry.facts.lineage import ANNULLED
from services.registry.facts.state import PersonState
from services.registry.facts.values import EventKey, Fact
from services.registry.statistics import repository as sql
from services.registry.statistics.counting import Cell, Cells, counted
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, sealer, unseal
from shared.db import Connection

KEY, CONTEXT = "registry", b"counted"
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(list[tuple[Cell, int]]).decode


@dataclass(frozen=True)
class Counting:
    """Keeps what everyone counts for, and tells the difference. `home`: the counties of the register (places.py);
    `areas`: the list by which people count in what became of an area; None where codes count as they were reported."""

    ring: KeyRing
    home: AbstractSet[str]
    areas: Areas | None = None

    async def __call__(self, connection: Connection, folded: Folded) -> None:
        """Store the differences of one page. Whoever was merged counts for nothing any more. Two statements."""
        people = sorted({*folded.after, *folded.merged})
        if not people:
            return
        stored = {row["person_id"]: row["cells"] for row in await sql.counted_for(connection, people)}
        moved = await self.moved(connection)
        changed: list[tuple[UUID, bytes]] = []
        difference: Cells = Counter()
        for person in people:
            before = self.opened(person, stored.get(person))
            state = folded.after.get(person)
            facts = folded.facts.get(person, ())
            after = self.of(state, facts, folded.dead, moved) if state is not None else Counter()
            if before != after:
                changed.append((person, self.sealed(person, after)))
                difference.update(after)
                difference.subtract(before)
        if changed:
            await sql.store(connection, changed, rows_of(difference))

    async def moved(self, connection: Connection) -> Moved | None:
        """What codes have become by today."""
        return await self.areas.moved(connection) if self.areas else None

    def of(
        self, state: PersonState, facts: Iterable[Fact], dead: AbstractSet[EventKey], moved: Moved | None = None
    ) -> Cells:
        """What a person counts for by their state and facts, in the areas of today."""
        ordered = in_order(facts, dead)
        if moved and moved.days:
            state, ordered = moved.lived(state), [moved.told(fact) for fact in ordered]
        return counted(state, ordered, frozenset(self.home))

    def sealed(self, person: UUID, cells: Cells) -> bytes:
        """What a person counts for, bound to the person."""
        return seal(self.ring, KEY, encode(sorted(cells.items())), CONTEXT + person.bytes)

    def sealing(self, count: int) -> Callable[[UUID, list[tuple[Cell, int]]], bytes]:
        """As `sealed`, for at most `count` people in a row, their cells being sorted."""
        sealed = sealer(self.ring, KEY, count)
        return lambda person, cells: sealed(encode(cells), CONTEXT + person.bytes)

    def opened(self, person: UUID, sealed: bytes | None) -> Cells:
        """The same, read back; nothing where nothing is stored."""
        return (
            Counter()
            if sealed is None
            else Counter(dict(decode(unseal(self.ring, KEY, sealed, CONTEXT + person.bytes))))
        )


def in_order(facts: Iterable[Fact], dead: AbstractSet[EventKey]) -> Sequence[Fact]:
    """The facts that count, in fact order: as `fold` takes them."""
    living = {fact.mention: fact for fact in facts if fact.event not in dead and fact.action != ANNULLED}
    return sorted(living.values(), key=fact_order)


def rows_of(cells: Mapping[Cell, int]) -> list[tuple[str, int, str, str, int, int, int]]:
    """Cells that differ from nothing, as rows."""
    return [(*cell, people) for cell, people in sorted(cells.items()) if people]
