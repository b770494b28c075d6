"""Every row that is written is counted with it; one that is gone without saying so is missed."""

import asyncpg
import pytest

from shared.migrate import metadata
from shared.reconciliation import repository
from shared.reconciliation.tables import TableTally
from tests.conftest import Database

PUT = "INSERT INTO household (number) SELECT 'H' || n FROM generate_series($1::int, $2::int) AS n"


@pytest.fixture
async def connection(database: Database) -> asyncpg.Connection:
    """A registry's own database."""
    return await asyncpg.connect(await database("registry"))


async def missed(connection: asyncpg.Connection) -> int:
    """How many households are missed."""
    found, wanted = await repository.compare(connection, "household")
    return wanted - found


@pytest.mark.parametrize("service", ["exchange", "registry", "alerts"])
async def test_every_table_is_counted(service: str, database: Database) -> None:
    connection = await asyncpg.connect(await database(service))
    tables = set(metadata(service).tables) - {TableTally.__tablename__}
    for table in tables:
        found, wanted = await repository.compare(connection, table)
        assert found == wanted, table
    counted = await connection.fetch("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'tally%'")
    assert sorted(row[0] for row in counted) == sorted([*tables, *tables])
    await connection.close()


async def test_rows_that_are_written_and_removed_by_a_statement_that_says_so_are_not_missed(
    connection: asyncpg.Connection,
) -> None:
    await connection.execute(PUT, 1, 10)
    await connection.execute("DELETE FROM household /* removes */ WHERE number = 'H3'")
    await connection.execute("INSERT INTO household (number) VALUES ('H1'), ('H11') ON CONFLICT DO NOTHING")
    assert await repository.compare(connection, "household") == (10, 10)
    await connection.close()


async def test_a_row_deleted_by_hand_is_missed_until_it_is_put_back(connection: asyncpg.Connection) -> None:
    await connection.execute(PUT, 1, 10)
    await connection.execute("DELETE FROM household WHERE number = 'H3'")
    assert await missed(connection) == 1
    await connection.execute("INSERT /* restores */ INTO household (number) VALUES ('H3')")
    assert await missed(connection) == 0
    await connection.close()


async def test_a_truncated_table_is_missed_whole(connection: asyncpg.Connection) -> None:
    await connection.execute(PUT, 1, 10)
    await connection.execute("TRUNCATE household")
    assert await missed(connection) == 10
    await connection.close()


async def test_rows_of_a_transaction_that_is_not_committed_are_in_neither_number(database: Database) -> None:
    url = await database("registry")
    writing, looking = await asyncpg.connect(url), await asyncpg.connect(url)
    async with writing.transaction():
        await writing.execute(PUT, 1, 3)
        assert await repository.compare(looking, "household") == (0, 0)
    assert await repository.compare(looking, "household") == (3, 3)
    await writing.close()
    await looking.close()


async def test_what_ended_connections_counted_is_kept(database: Database) -> None:
    url = await database("registry")
    for begin in (1, 11):
        connection = await asyncpg.connect(url)
        await connection.execute(PUT, begin, begin + 9)
        await connection.close()
    connection = await asyncpg.connect(url)
    await connection.execute(PUT, 21, 30)
    await repository.gather(connection)
    slots = await connection.fetch("SELECT slot, rows FROM table_tally WHERE table_name = 'household' ORDER BY slot")
    assert [row["rows"] for row in slots] == [20, 10]
    assert await repository.compare(connection, "household") == (30, 30)
    await connection.close()
