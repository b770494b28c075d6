"""What is stored of half moves follows the facts, in the transaction that folds them."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg

from services.registry.contradictions.rules import living_of
from services.registry.facts.derived import Folded
from services.registry.facts.values import EventKey, Fact
from services.registry.moves import repository as sql
from services.registry.moves.rules import HALVES, Half, unmatched
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection

KEY, CONTEXT = "registry", b"move permit"


@dataclass(frozen=True)
class HalfMoves:
    """Writes half moves. The permit's number is sealed, bound to its row."""

    ring: KeyRing

    def opened(self, row: UUID, body: bytes) -> str:
        """A stored permit number."""
        return unseal(self.ring, KEY, body, CONTEXT + row.bytes).decode()

    def half(self, row: asyncpg.Record) -> Half:
        """A stored half."""
        return Half(self.opened(row["move_id"], row["permit"]), row["half"], row["since"], row["area"])

    async def derive(self, connection: Connection, folded: Folded) -> None:
        """Add halves that stand alone, take away those that were met or taken back."""
        found: dict[UUID, set[Half]] = {loser: set() for loser in folded.merged}
        for person in folded.after:
            found[person] = halves_of(folded.facts.get(person, ()), folded.dead)
        wanted = {(person, half) for person, halves in found.items() for half in halves}
        stored: set[tuple[UUID, Half]] = set()
        left: list[UUID] = []
        for row in await sql.of_people(connection, found.keys()):
            key = (row["person_id"], self.half(row))
            if key not in wanted or key in stored:
                left.append(row["move_id"])
            stored.add(key)
        if left:
            await sql.matched(connection, sorted(left))
        rows: list[tuple[object, ...]] = []
        for person, half in sorted(wanted - stored):
            row_id = uuid4()
            permit = seal(self.ring, KEY, half.permit.encode(), CONTEXT + row_id.bytes)
            rows.append((row_id, person, half.half, half.since, half.area, permit))
        if rows:
            await sql.add(connection, rows, folded.recorded_at)


def halves_of(facts: Iterable[Fact], dead: AbstractSet[EventKey]) -> set[Half]:
    """The halves that stand alone by what is known of one person."""
    moves = [fact for fact in facts if fact.type in HALVES]
    return unmatched(living_of(moves, dead)) if moves else set()
