"""Import a chunk of entries: new people by COPY, everyone else as the fold takes reported events."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.registry.contradictions.values import OWN_KINDS
from services.registry.facts.handlers import Folding
from services.registry.facts.page import Page
from services.registry.facts.reported import Reported
from services.registry.facts.repository import new_ids
from services.registry.imports import repository as sql
from services.registry.imports.preparing import Draft, NewPeople, Preparing
from services.registry.imports.repository import Counts
from services.registry.imports.rules import Entry, RowFault
from shared.db import AWAY, Connection, Pool, transaction
from shared.feed.follow import Again

PAGE = 100  # entries of people who may be known: folded in one transaction
TRIES = 20
PAUSE = 0.1  # seconds; longer each time


class NoLongerNew(Exception):
    """Somebody of a chunk became known while it was prepared, or areas changed: it is looked at once more."""


@dataclass(frozen=True)
class Chunk:
    """A chunk of one import that was judged."""

    import_id: UUID
    number: int
    entries: Sequence[Entry]
    faults: Sequence[RowFault]


@dataclass
class Sorted:
    """A chunk's entries: of people of whom nothing is known, of people who may be known; and how many were known."""

    new: list[Draft]
    old: list[Draft]
    known: int


class Importing:
    """Imports chunks. Several processes may do so side by side, beside the fold."""

    def __init__(self, pool: Pool, folding: Folding) -> None:
        self.pool, self.folding = pool, folding
        self.preparing = Preparing(folding)

    async def take(self, chunk: Chunk) -> Counts:
        """Import one chunk, whole; tried again where the fold would. Raises what AWAY names where that does not help,
        CommittedBefore, and Ended."""
        folded = Counter[str]()
        drafts = [self.preparing.draft(entry) for entry in chunk.entries]
        seen: set[UUID] = set()  # folded by this call: not known rows
        for attempt in range(1, TRIES + 1):
            try:
                return await self.attempt(chunk, drafts, folded, seen)
            except (Again, NoLongerNew, *AWAY):
                if attempt == TRIES:
                    raise
            await asyncio.sleep(PAUSE * attempt)
        raise AssertionError

    async def attempt(self, chunk: Chunk, drafts: Sequence[Draft], folded: Counter[str], seen: set[UUID]) -> Counts:
        """Fold who may be known, page by page; then write the new ones and the chunk in one transaction."""
        async with self.pool.acquire() as connection:
            found = await self.sort(connection, drafts)
            ids = await new_ids(connection, len(found.new))
            moved = await self.preparing.moved(connection)
        people = self.preparing.new(found.new, ids, moved)
        old = {draft.receipt: draft for draft in reversed(found.old)}
        for page in pages([self.preparing.reported(draft) for draft in reversed(old.values())]):
            async with transaction(self.pool) as connection:
                done = await self.folding.apply(connection, page)
            folded.update(outcomes(page, done))
            seen.update(event.receipt for event in page)
        async with transaction(self.pool) as connection:
            at = await sql.close_gate(connection)
            if await self.known_meanwhile(connection, people) or await self.preparing.moved(connection) is not moved:
                raise NoLongerNew
            known = len(drafts) - len(ids) - len(seen)
            counts = Counts(len(ids), folded["folded"], folded["held"], known, len(chunk.faults))
            await sql.chunk_done(connection, chunk.import_id, chunk.number, counts, chunk.faults)
            await self.write(connection, people, at)
        return counts

    async def sort(self, connection: Connection, drafts: Sequence[Draft]) -> Sorted:
        """Who is new: nothing is known of any number, of the event itself, and nothing waits for it."""
        ids = [draft.key[1] for draft in drafts]
        source = drafts[0].key[0] if drafts else ""  # a file is of one source
        applied = await sql.applied(connection, source, ids)
        awaited = await sql.awaited(connection, source, ids)
        held = await sql.held(connection, [draft.receipt for draft in drafts])
        named = Counter([index for draft in drafts for index in {number.index for number in draft.numbers}])
        known = await sql.known_numbers(connection, named)
        known |= {index for index, times in named.items() if times > 1}
        twice = {id_ for id_, times in Counter(ids).items() if times > 1}
        found = Sorted([], [], 0)
        for id_, draft in zip(ids, drafts, strict=True):
            if id_ in applied or draft.receipt in held:
                found.known += 1
            elif id_ in awaited or id_ in twice or any(number.index in known for number in draft.numbers):
                found.old.append(draft)
            else:
                found.new.append(draft)
        return found

    async def known_meanwhile(self, connection: Connection, people: NewPeople) -> bool:
        """Whether anything became known of anybody since. The gate is closed: nothing more does."""
        drafts = people.drafts
        if not drafts:
            return False
        return await sql.known_meanwhile(
            connection,
            drafts[0].key[0],
            [draft.key[1] for draft in drafts],
            [draft.receipt for draft in drafts],
            [number.index for draft in drafts for number in draft.numbers],
        )

    async def write(self, connection: Connection, people: NewPeople, at: datetime) -> None:
        """Write new people, and everything that derives from them."""
        await sql.copy(connection, people.tables, at)
        if people.contradictions and self.preparing.keeping:
            await self.preparing.keeping.settle(connection, people.contradictions, OWN_KINDS, at)
        if self.preparing.others and people.drafts:
            folded = people.folded(at)
            for derive in self.preparing.others:
                await derive(connection, folded)


def pages(events: Sequence[Reported]) -> Iterator[Sequence[Reported]]:
    """Events in the order of the file, a page at a time."""
    for start in range(0, len(events), PAGE):
        yield events[start : start + PAGE]


def outcomes(page: Sequence[Reported], done: Page) -> Counter[str]:
    """How many of a page were folded, and how many are held."""
    mine = {event.receipt for event in page}
    held = {event.receipt for event, _ in done.held} & mine
    return Counter(folded=len(mine) - len(held), held=len(held))
