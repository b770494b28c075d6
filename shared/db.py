"""PostgreSQL: the pool, and the one place that commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Pool = asyncpg.Pool


async def connect(url: str, *, most: int = 10) -> Pool:
    """Open a pool of at most `most` connections. Statements end after 30 s, waits for a lock after 10 s."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=most,
        server_settings={
            "application_name": "tenfold",
            "statement_timeout": "30s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "60s",
        },
    )


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """One transaction, committed when the block ends and before anything is answered; any error rolls it back.

    Leaving the block waits for COMMIT even when the task is being cancelled: a cancelled commit would leave
    the caller not knowing, and would leak the connection (see pitfalls).
    """
    connection = await pool.acquire()
    try:
        started = connection.transaction()
        await started.start()
        try:
            yield connection
        except BaseException:
            await asyncio.shield(started.rollback())
            raise
        await asyncio.shield(started.commit())
    finally:
        await asyncio.shield(pool.release(connection))
