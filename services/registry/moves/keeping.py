"""What is stored of half moves follows the facts, in the transaction that folds them."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from services.registry.contradictions.rules import living_of
from services.registry.facts.derived import Folded
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

    async def derive(self, connection: Connection, folded: Folded) -> None:
        """Add halves that stand alone, take away those that were met or taken back."""
        found: dict[UUID, set[Half]] = {loser: set() for loser in folded.merged}
        for person in folded.after:
            moves = [fact for fact in folded.facts.get(person, ()) if fact.type in HALVES]
            found[person] = unmatched(living_of(moves, folded.dead))
        stored: dict[tuple[UUID, Half], UUID] = {}
        for row in await sql.of_people(connection, found.keys()):
            half = Half(self.opened(row["move_id"], row["permit"]), row["half"], row["since"], row["area"])
            stored[row["person_id"], half] = row["move_id"]
        wanted = {(person, half) for person, halves in found.items() for half in halves}
        if left := sorted(row for key, row in stored.items() if key not in wanted):
            await sql.matched(connection, left)
        rows: list[tuple[object, ...]] = []
        for person, half in sorted(wanted - stored.keys()):
            row_id = uuid4()
            permit = seal(self.ring, KEY, half.permit.encode(), CONTEXT + row_id.bytes)
            rows.append((row_id, person, half.half, half.since, half.area, permit))
        if rows:
            await sql.add(connection, rows, folded.recorded_at)
