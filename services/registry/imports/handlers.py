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
from services.registry.imports.preparing import ROLE, NewPerson, Preparing, folded_of
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
    """A chunk's events: of people of whom nothing is known, of people who may be known; and how many were known."""

    new: list[Reported]
    old: list[Reported]
    known: int


class Importing:
    """Imports chunks. Several processes may do so side by side, beside the fold."""

    def __init__(self, pool: Pool, folding: Folding) -> None:
        self.pool, self.folding = pool, folding
        self.preparing = Preparing(folding)

    async def take(self, chunk: Chunk) -> Counts:
        """Import one chunk, whole; tried again where the fold would. Raises what AWAY names where that does not help,
        and asyncpg.UniqueViolationError where the chunk was committed before."""
        folded = Counter[str]()
        reported = [self.preparing.reported(entry) for entry in chunk.entries]
        seen: set[UUID] = set()  # folded by this call: not known rows
        for attempt in range(1, TRIES + 1):
            try:
                return await self.attempt(chunk, reported, folded, seen)
            except (Again, NoLongerNew, *AWAY):
                if attempt == TRIES:
                    raise
            await asyncio.sleep(PAUSE * attempt)
        raise AssertionError

    async def attempt(
        self, chunk: Chunk, reported: Sequence[Reported], folded: Counter[str], seen: set[UUID]
    ) -> Counts:
        """Fold who may be known, page by page; then write the new ones and the chunk in one transaction."""
        async with self.pool.acquire() as connection:
            found = await self.sort(connection, reported)
            ids = await new_ids(connection, len(found.new))
            moved = await self.preparing.moved(connection)
        people = [self.preparing.new(event, person, moved) for event, person in zip(found.new, ids, strict=True)]
        for page in pages(list({event.receipt: event for event in reversed(found.old)}.values())[::-1]):
            async with transaction(self.pool) as connection:
                done = await self.folding.apply(connection, page)
            folded.update(outcomes(page, done))
            seen.update(event.receipt for event in page)
        async with transaction(self.pool) as connection:
            at = await sql.close_gate(connection)
            again = await self.sort(connection, [each.reported for each in people])
            if len(again.new) != len(people) or await self.preparing.moved(connection) is not moved:
                raise NoLongerNew
            known = len(reported) - len(people) - len(seen)
            counts = Counts(len(people), folded["folded"], folded["held"], known, len(chunk.faults))
            await sql.chunk_done(connection, chunk.import_id, chunk.number, counts, chunk.faults)
            await self.write(connection, people, at)
        return counts

    async def sort(self, connection: Connection, reported: Sequence[Reported]) -> Sorted:
        """Who is new: nothing is known of any number, of the event itself, and nothing waits for it."""
        ids = {source: [event.key[1] for event in reported] for source in {event.key[0] for event in reported}}
        applied = {
            (source, id_) for source, every in ids.items() for id_ in await sql.applied(connection, source, every)
        }
        awaited = {
            (source, id_) for source, every in ids.items() for id_ in await sql.awaited(connection, source, every)
        }
        held = await sql.held(connection, [event.receipt for event in reported])
        named = Counter(number.index for event in reported for number in set(event.numbers[ROLE]))
        known = await sql.known_numbers(connection, named)
        keys = Counter(event.key for event in reported)
        found = Sorted([], [], 0)
        for event in reported:
            if event.key in applied or event.receipt in held:
                found.known += 1
            elif (
                event.key in awaited
                or keys[event.key] > 1
                or any(number.index in known or named[number.index] > 1 for number in event.numbers[ROLE])
            ):
                found.old.append(event)
            else:
                found.new.append(event)
        return found

    async def write(self, connection: Connection, people: Sequence[NewPerson], at: datetime) -> None:
        """Write new people, and everything that derives from them."""
        await sql.copy(connection, self.preparing.tables(people, at))
        contradicted = {each.person: set(each.contradictions) for each in people if each.contradictions}
        if contradicted and self.preparing.keeping:
            await self.preparing.keeping.settle(connection, contradicted, OWN_KINDS, at)
        if self.preparing.others and people:
            folded = folded_of(people, at)
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
