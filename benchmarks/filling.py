"""A register full of made-up people, put into the registry's database by COPY: the tables that searches and look-ups by
number read (person, block, identifier_index), sealed and blinded as the fold does it. No facts: whoever needs those
imports a register (`benchmarks/importing.py`)."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import asyncpg

from deploy.tenfold.county import names
from services.registry.blocks.handlers import Blinding
from services.registry.facts.reported import IDENTITY
from services.registry.facts.state import RESIDENT, PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.values import RESIDENT_NUMBER
from shared.crypto.blind import blind_index
from shared.crypto.keyring import KeyRing
from shared.identifiers.resident import make, sex_of
from tests.line import Line

PAGE = 20_000
NAMES = 199_999  # drawn; many of them are the same
FIRST, DAYS, STEP = date(1940, 1, 1), 31_000, 7_919  # the step leaves no day out and takes none twice
FILLED = ("block", "identifier_index")
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) AS told FROM pg_constraint
 WHERE conrelid = $1::regclass AND contype IN ('p', 'f') ORDER BY contype DESC
"""
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS told FROM pg_index i
 WHERE i.indrelid = $1::regclass AND NOT i.indisprimary
"""


@cache
def full_names() -> list[str]:
    """Names as frequent as the synthetic county has them, of people born in any year between 1940 and 2024."""
    chance = random.Random(1)
    drawn = zip(names.surnames(chance, NAMES), range(NAMES), strict=True)
    return [surname + names.given_name(chance, sex_of(n), 1940 + n // 2 % 85) for surname, n in drawn]


def somebody(number: int) -> tuple[UUID, PersonState]:
    """One made-up person of the household register, always the same: any birthday between 1940 and 2024, an identity
    number that nobody else has."""
    born, sequence = FIRST + timedelta(days=number * STEP % DAYS), number // DAYS + 1
    state = PersonState(
        name=full_names()[number * STEP % NAMES],
        sex=sex_of(sequence),
        birth_date=born,
        identity_number=make("370102", born, sequence),
        residence=RESIDENT,
        registered_area="370102001001",
        household_number=f"H{number // 3}",
        household_kind="family",
        relation_to_head="other",
        registered=True,
    )
    return UUID(int=number), state


def some(first: int, last: int, count: int) -> list[tuple[UUID, PersonState]]:
    """Different people out of all of them, in any order."""
    return [somebody(number) for number in random.Random(3).sample(range(first, last + 1), count)]


async def fill(line: Line, first: int, last: int, processes: int = 2) -> None:
    """Put people number `first` to `last` into the registry. For many of them indexes are made afterwards."""
    dsn, keys = line.postgres.dsn("registry"), line.layout.keys("registry")
    connection = await asyncpg.connect(dsn)
    pages = [(start, min(last, start + PAGE - 1)) for start in range(first, last + 1, PAGE)]
    async with without_indexes(connection, FILLED if last - first > 10 * PAGE else ()):
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            await asyncio.to_thread(list, pool.map(partial(write, dsn, keys), pages))
    await connection.execute("VACUUM (ANALYZE) person, block, identifier_index")
    await connection.execute("CHECKPOINT")
    await connection.close()


@asynccontextmanager
async def without_indexes(connection: asyncpg.Connection, tables: tuple[str, ...]) -> AsyncIterator[None]:
    """Take keys and indexes from tables, and give them back as they were."""
    undone: list[str] = []
    for table in tables:
        indexes: Iterator[asyncpg.Record] = iter(await connection.fetch(INDEXES, table))
        for each in indexes:
            await connection.execute(f"DROP INDEX {each['name']}")
            undone.append(each["told"])
        for each in await connection.fetch(CONSTRAINTS, table):
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {each['conname']}")
            undone.append(f"ALTER TABLE {table} ADD CONSTRAINT {each['conname']} {each['told']}")
    yield
    await connection.execute("SET maintenance_work_mem = '1GB'")
    for statement in undone:
        await connection.execute(statement)


def write(dsn: str, keys: Path, page: tuple[int, int]) -> None:
    """A page of people, in a process of its own."""
    ring = KeyRing.load(keys)
    vault, blinding, now = Vault(ring), Blinding(ring), datetime.now(UTC)
    people, blocks, numbers = [], [], []
    for number in range(page[0], page[1] + 1):
        person, state = somebody(number)
        people.append((person, vault.seal_state(person, state), now))
        blocks += [(key, person) for key in blinding.of(state)]
        index = blind_index(ring, IDENTITY, RESIDENT_NUMBER, "", state.identity_number or "")
        numbers.append((index, person, RESIDENT_NUMBER))

    async def copy() -> None:
        connection = await asyncpg.connect(dsn)
        async with connection.transaction():
            for table, rows, columns in (
                ("person", people, ("person_id", "state", "folded_at")),
                ("block", blocks, ("key", "person_id")),
                ("identifier_index", numbers, ("blind_index", "person_id", "type")),
            ):
                await connection.copy_records_to_table(table, records=rows, columns=columns)
        await connection.close()

    asyncio.run(copy())
