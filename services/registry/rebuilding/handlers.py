"""Derive everything once more beside the live tables, compare, and let what was derived stand where the two differ."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.registry.blocks import repository as blocks
from services.registry.blocks.handlers import Blinding
from services.registry.facts import repository as facts_sql
from services.registry.facts.rebuild import Known, Rebuild
from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.rebuilding import repository as sql
from services.registry.rebuilding.aside import Aside, digest
from services.registry.rebuilding.telling import Righted, TellRighted
from shared.db import Connection, Pool, transaction
from shared.reconciliation import repository as tally

AT_ONCE = 1_000  # people in one transaction that replaces

Differing = Mapping[UUID, AbstractSet[bytes]]
"""Who differs → the blocks that they stand in and that their facts do not give."""


class Busy(Exception):
    """Somebody else rebuilds: the tables beside are theirs."""


class Compared(NamedTuple):
    """A live table beside what its facts give: rows and hashes, and how many people differ."""

    table: str
    live_rows: int
    live_hash: str
    rows: int
    hash: str
    people: int

    @property
    def equal(self) -> bool:
        """Whether both say the same."""
        return self.people == 0 and (self.live_rows, self.live_hash) == (self.rows, self.hash)


@dataclass(frozen=True)
class Rows:
    """What facts give of people."""

    states: dict[UUID, PersonState]
    residencies: list[tuple[object, ...]]
    numbers: list[tuple[object, ...]]
    blocks: list[tuple[bytes, UUID]]
    known: Known
    reporters: dict[UUID, set[str]]


@dataclass
class Rebuilding:
    """Rebuilds the registry's derived tables: people's states, residencies, identifier indexes, blocks; contradictions,
    half moves, what everyone counts for."""

    pool: Pool
    rebuild: Rebuild
    aside: Aside
    tell: TellRighted

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Nobody else rebuilds meanwhile. Raises Busy where somebody does already."""
        async with transaction(self.pool) as connection:  # of its own: idle, it keeps nothing from being vacuumed
            if not await sql.take(connection):
                raise Busy
            yield

    async def begin(self) -> datetime:
        """Make the tables beside. Every fold before the instant given is committed."""
        async with transaction(self.pool) as connection:
            return await sql.make(connection)

    async def ranges(self, size: int) -> list[tuple[UUID, UUID | None]]:
        """Everybody, in ranges."""
        async with transaction(self.pool) as connection:
            await sql.long(connection)
            return await sql.bounds(connection, size)

    async def derive(self, behind: UUID, until: UUID | None) -> int:
        """Derive the people of a range into the tables beside, as of one moment; gives how many there are."""
        async with transaction(self.pool, one_moment=True) as connection:
            people = await sql.between(connection, behind, until)
            vault = self.rebuild.vault
            stored = [
                (row["person_id"], digest(vault.open_state(row["person_id"], row["state"])))
                for row in people
                if row["merged_into"] is None
            ]
            found = await self.rows_of(connection, [row["person_id"] for row in people])
            unsaid = {person for person, _ in stored} - found.states.keys()
            known = found.states | dict.fromkeys(unsaid, UNKNOWN_PERSON)
            await sql.put(connection, "stored", stored)
            await sql.put(connection, "person", [(person, digest(state)) for person, state in known.items()])
            await sql.put(connection, "residency", found.residencies)
            await sql.put(connection, "identifier_index", found.numbers)
            await sql.put(connection, "block", found.blocks)
            beside = await self.aside.derived(connection, found.known, found.states)
            for table, rows in (await self.aside.stored(connection, [row["person_id"] for row in people])).items():
                await sql.put(connection, f"stored_{table}", rows)
                await sql.put(connection, table, beside[table])
        return len(people)

    async def rows_of(self, connection: Connection, people: Sequence[UUID]) -> Rows:
        """What the facts of these people give."""
        known = await self.rebuild.known(connection, people)
        states = await self.rebuild.states(connection, known)
        blinding = Blinding(self.rebuild.vault.ring)
        numbers = [row for person, said in known.said.items() for row in self.rebuild.numbers(person, said)]
        return Rows(
            states,
            [row for person, state in states.items() for row in facts_sql.residencies_of(person, state)],
            [(index, person, type_) for person, index, type_ in numbers],
            [(key, person) for person, state in states.items() for key in blinding.of(state)],
            known,
            {person: {fact.department for fact in said} for person, said in known.said.items()},
        )

    async def compare(self, since: datetime) -> tuple[list[Compared], Differing]:
        """Every table by count and hash; where those differ, everyone who does. Whoever was folded since is not
        compared."""
        found, people = list[Compared](), dict[UUID, set[bytes]]()
        async with (
            self.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await sql.long(connection)
            for table in sql.TABLES:
                row = await sql.figures(connection, table, since)
                same = (row["live_rows"], row["live_hash"]) == (row["rows"], row["hash"])
                met = {} if same else await sql.differing(connection, table, since)
                for person, keys in met.items():
                    people.setdefault(person, set()).update(keys)
                found.append(Compared(table, row["live_rows"], row["live_hash"], row["rows"], row["hash"], len(met)))
        return found, people

    async def switch(self, people: Differing, progress: Callable[[int], None]) -> None:
        """Let what the facts give stand instead of what was stored of these people. The facts are read under the locks
        that the fold takes, so that nothing which came meanwhile is lost."""
        lost = await self.lost_rows()
        widowed: set[UUID] = set()
        await self.replace_all(people, lost, widowed, progress)
        # A spouse was derived beside the death as it was stored: once more, beside the death that stands now.
        await self.replace_all({person: frozenset() for person in widowed}, lost, set(), lambda done: None)

    async def replace_all(
        self, people: Differing, lost: Counter[str], widowed: set[UUID], progress: Callable[[int], None]
    ) -> None:
        """Replace page by page, and take from `lost` what was put back."""
        everyone = sorted(people)
        for start in range(0, len(everyone), AT_ONCE):
            page = {person: people[person] for person in everyone[start : start + AT_ONCE]}
            async with transaction(self.pool) as connection:
                restored, spouses = await self.replace(connection, page, lost)
            lost -= restored
            widowed |= spouses
            progress(len(page))

    async def lost_rows(self) -> Counter[str]:
        """How many rows each table lacks of those that were counted when they were first written."""
        async with self.pool.acquire() as connection:
            counts = {table: await tally.compare(connection, table) for table in sql.DERIVED}
        return Counter({table: max(0, wanted - rows) for table, (rows, wanted) in counts.items()})

    async def replace(
        self, connection: Connection, people: Differing, lost: Counter[str]
    ) -> tuple[Counter[str], set[UUID]]:
        """Replace what derives from people. Somebody whom no fact names keeps an id, and nothing else. Gives how many
        of the `lost` rows of each table were put back (any other row is new, and counted), and the spouses of those
        whose death was stored wrongly."""
        await sql.long(connection)
        at, locked = await sql.lock(connection, people)
        found = await self.rows_of(connection, sorted(people))
        vault = self.rebuild.vault
        living = [row["person_id"] for row in locked if row["merged_into"] is None]
        merged = {row["person_id"]: into for row in locked if (into := row["merged_into"]) is not None}
        states = {person: found.states.get(person, UNKNOWN_PERSON) for person in living}
        await sql.states(connection, [(person, vault.seal_state(person, state)) for person, state in states.items()])
        await sql.store_households(connection, [str(row[3]) for row in found.residencies if row[3]])
        derived: dict[str, Sequence[tuple[object, ...]]] = {
            "residency": found.residencies,
            "identifier_index": found.numbers,
            "block": found.blocks,
        }
        # Blocks have no index by person: they are looked up by their key, as they were met and as they must be.
        wrong = {(key, person) for person, keys in people.items() for key in keys}
        standing = {*await blocks.standing(connection, sorted({*wrong, *found.blocks}))}
        restored = Counter[str]()
        for table, rows in derived.items():
            wanted = set(rows)
            live: set[tuple[object, ...]] = (
                {*standing} if table == "block" else await sql.live_rows(connection, table, people)
            )
            restored[table] = min(lost[table], len(wanted - live))
            await sql.put_right(connection, table, live - wanted, wanted - live, restored[table])
        await self.aside.put_right(connection, found.known, states, merged, at)
        before = {
            person: vault.open_state(person, row["state"]) for row in locked if (person := row["person_id"]) in states
        }
        blocked = {person for key, person in {*found.blocks} ^ standing}
        dying = [person for person, state in states.items() if state.died_on != before[person].died_on]
        spouses = await facts_sql.spouses(connection, dying)
        await self.tell(connection, Righted(before, states, found.reporters, blocked))
        return restored, spouses

    async def end(self) -> None:
        """Remove the tables beside."""
        async with transaction(self.pool) as connection:
            await sql.drop(connection)


def differences(found: Iterable[Compared]) -> list[Compared]:
    """The tables that differ."""
    return [each for each in found if not each.equal]
