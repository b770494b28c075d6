"""A register full of made-up people, put straight into the registry's database: the tables that searches and look-ups
read (person, block, identifier_index). No facts: whoever needs those imports a register (`benchmarks/importing.py`)."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
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
MANY, SOME = 200_000, 250_000
NUMBERED = "generate_series($1::bigint, $2::bigint) AS n, LATERAL (SELECT lpad(to_hex(n), 32, '0')::uuid AS id) AS who"
OTHERS = (
    f"""
    CREATE TEMP TABLE other ON COMMIT DROP AS SELECT n, id FROM {NUMBERED}
     WHERE NOT EXISTS (SELECT FROM person p WHERE p.person_id = id)
    """,
    "INSERT INTO person (person_id, state, folded_at) SELECT id, $3, now() FROM other WHERE n BETWEEN $1 AND $2",
    """
    INSERT INTO block (key, person_id)
    SELECT substring(sha256(int8send(n * 8 + place)) FOR 16), id FROM other, generate_series(1, 5) AS place
     WHERE n BETWEEN $1 AND $2
    """,
    """
    INSERT INTO identifier_index (blind_index, person_id, type)
    SELECT substring(sha256(int8send(-n)) FOR 16), id, 'resident-identity-number' FROM other WHERE n BETWEEN $1 AND $2
    """,
)
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


def some(last: int, count: int) -> list[int]:
    """Different people out of all of them, in any order."""
    return random.Random(3).sample(range(1, last + 1), count)


def beside(searched: Sequence[int], first: int, last: int) -> list[int]:
    """Whoever may share a block with one of these: the same birthday, or the same name."""
    days = {number * STEP % DAYS for number in searched}
    called = {full_names()[number * STEP % NAMES] for number in searched}
    places = {place for place, name in enumerate(full_names()) if name in called}
    return [
        number for number in range(first, last + 1) if number * STEP % DAYS in days or number * STEP % NAMES in places
    ]


async def fill(line: Line, first: int, last: int, shown: Iterable[int] = (), searched: Sequence[int] = ()) -> None:
    """Put people number `first` to `last` into the registry; all of them as the fold would, unless there are many.

    Of many only those are sealed and blinded who are `shown`, or may be candidates when one of `searched` is looked
    for; the others have one body, which nobody opens, and blocks and numbers of random keys. Indexes are made
    afterwards.
    """
    dsn, keys = line.postgres.dsn("registry"), line.layout.keys("registry")
    connection = await asyncpg.connect(dsn)
    many = last - first >= MANY
    real = sorted(
        {n for n in shown if n >= first} | {*beside(searched, first, last)} if many else range(first, last + 1)
    )
    pages = [real[start : start + PAGE] for start in range(0, len(real), PAGE)]
    async with without_indexes(connection, FILLED if many else ()):
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            await asyncio.to_thread(list, pool.map(partial(write, dsn, keys), pages))
        if many:
            await others(connection, first, last)
    await connection.execute("VACUUM (ANALYZE) person, block, identifier_index")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def others(connection: asyncpg.Connection, first: int, last: int) -> None:
    """Everybody who is not there yet."""
    body = await connection.fetchval("SELECT state FROM person LIMIT 1")
    for start in range(first, last + 1, SOME):
        async with connection.transaction():
            for statement in OTHERS:
                values = (start, min(last, start + SOME - 1), *([body] if "$3" in statement else []))
                await connection.execute(statement, *values)


@asynccontextmanager
async def without_indexes(connection: asyncpg.Connection, tables: tuple[str, ...]) -> AsyncIterator[None]:
    """Take keys and indexes from tables, and give them back as they were."""
    undone: list[str] = []
    for table in tables:
        for each in await connection.fetch(INDEXES, table):
            await connection.execute(f"DROP INDEX {each['name']}")
            undone.append(each["told"])
        for each in await connection.fetch(CONSTRAINTS, table):
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {each['conname']}")
            undone.append(f"ALTER TABLE {table} ADD CONSTRAINT {each['conname']} {each['told']}")
    yield
    await connection.execute("SET maintenance_work_mem = '1GB'")
    for statement in undone:
        await connection.execute(statement)


def write(dsn: str, keys: Path, page: Sequence[int]) -> None:
    """A page of people, in a process of its own."""
    ring = KeyRing.load(keys)
    vault, blinding, now = Vault(ring), Blinding(ring), datetime.now(UTC)
    people, blocks, numbers = [], [], []
    for number in page:
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
