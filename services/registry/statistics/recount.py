"""Count everybody once more from states and facts, beside the kept counts: both must say the same at any time."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from services.registry.areas.handlers import Areas
from services.registry.facts import repository as facts_sql
from services.registry.facts.handlers import Folding
from services.registry.facts.rebuild import Rebuild
from services.registry.statistics import repository as sql
from services.registry.statistics.counting import Cell, Cells
from services.registry.statistics.deltas import Counting, rows_of
from services.registry.statistics.places import home_of
from shared.app import Service
from shared.db import Connection, Pool, transaction

PAGE = 500


@dataclass(frozen=True)
class Recount:
    """Counts from nothing. Run `counts` in one repeatable-read transaction."""

    counting: Counting
    rebuild: Rebuild
    page: int = PAGE

    async def counts(self, connection: Connection) -> Cells:
        """What everyone counts for, by their states and facts."""
        found: Cells = Counter()
        last = UUID(int=0)
        while people := await facts_sql.people_after(connection, last, self.page):
            last = people[-1]["person_id"]
            for cells in (await self.of(connection, [row["person_id"] for row in people])).values():
                found.update(cells)
        return found

    async def of(self, connection: Connection, people: list[UUID]) -> dict[UUID, Cells]:
        """What each of these people counts for; those without facts are left out."""
        known = await self.rebuild.known(connection, people)
        states = await self.rebuild.states(connection, known)
        moved = await self.counting.moved(connection)
        return {
            person: self.counting.of(state, known.said[person], known.dead, moved) for person, state in states.items()
        }

    async def count_again(self, pool: Pool) -> int:
        """Write whatever differs, page by page under the locks of people: what a register that was folded before there
        were statistics needs, or one whose county has changed. Returns how many people differed."""
        last, differing = UUID(int=0), 0
        while True:
            async with transaction(pool) as connection:
                people = await facts_sql.people_after(connection, last, self.page)
                if not people:
                    return differing
                ids = [row["person_id"] for row in people]
                await facts_sql.lock_people(connection, ids)
                now = await self.of(connection, ids)
                stored = {row["person_id"]: row["cells"] for row in await sql.counted_for(connection, ids)}
                changed: list[tuple[UUID, bytes]] = []
                difference: Cells = Counter()
                for person in ids:
                    before, after = self.counting.opened(person, stored.get(person)), now.get(person, Counter())
                    if before != after:
                        changed.append((person, self.counting.sealed(person, after)))
                        difference.update(after)
                        difference.subtract(before)
                if changed:
                    await sql.store(connection, changed, rows_of(difference))
            differing += len(changed)
            last = ids[-1]


def recount_of(service: Service, folding: Folding) -> Recount:
    """The recount of this service's register."""
    areas = Areas(service.pool, service.ring, service.settings.provisioning)
    counting = Counting(service.ring, home_of(service.settings.provisioning), areas)
    return Recount(counting, Rebuild(folding.vault, folding.authorities))


async def kept(connection: Connection) -> Cells:
    """The counts as they are kept: totals and differences."""
    return Counter({Cell(*row[:6]): row["people"] for row in await sql.everything(connection)})
