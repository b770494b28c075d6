"""Alembic environment of every service: which one stands in the configuration's attributes (see shared/migrate.py)."""

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

config = context.config


def migrate(connection: Connection) -> None:
    """Run the migrations of one service in one transaction, never waiting long for a lock."""
    context.configure(connection=connection, target_metadata=config.attributes["metadata"], compare_server_default=True)
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


async def online() -> None:
    """Connect and migrate."""
    engine = create_async_engine(config.attributes["url"], poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


config.attributes["run"](online())
