"""The migrations of a service make exactly the tables that it defines."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.tenfold.layout import SERVICES
from shared.migrate import metadata
from tests.conftest import Database


def differences(connection: Connection, service: str) -> list[object]:
    """What Alembic would write into another migration."""
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, metadata(service)))


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_make_the_tables_that_are_defined(database: Database, service: str) -> None:
    url = (await database(service)).replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences, service)
    await engine.dispose()
    assert found == []
