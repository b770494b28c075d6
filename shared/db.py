"""PostgreSQL: the pool, and the one place that commits."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import asyncpg

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Pool = asyncpg.Pool
T = TypeVar("T")

# Trouble of the database, and not of what was asked of it: trying again later helps. TimeoutError is an OSError.
AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says that is cut off in the middle of an answer
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
)


class Committing(asyncpg.Connection):
    """A connection whose COMMIT either commits or raises.

    PostgreSQL answers COMMIT of a transaction that failed with ROLLBACK, and no error: whoever swallowed the first
    error would be told that all is well.
    """

    __slots__ = ()

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:
        """Execute as asyncpg does; raises InFailedSQLTransactionError where COMMIT rolled back."""
        done = await super().execute(query, *args, timeout=timeout)
        if query == "COMMIT;" and done != "COMMIT":
            raise asyncpg.InFailedSQLTransactionError("the transaction had failed before, and was rolled back")
        return done

    def get_reset_query(self) -> str:
        """Nothing to ask for when a connection goes back to the pool: it saves every second round trip. Settings are
        `SET LOCAL`, locks and cursors end with their transaction (tests/structure/test_sessions.py); a transaction that
        was left open is rolled back all the same."""
        return ""


async def connect(url: str, *, most: int = 10, patience: float = 30.0) -> Pool:
    """Open a pool of at most `most` connections. Statements end after 30 s, waits for a lock after 10 s.

    A server that is still starting or recovering is waited for, `patience` seconds at most; one that does not answer
    at all is given up after 45 s.
    """
    give_up = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await open_pool(url, most)
        except AWAY:
            if asyncio.get_running_loop().time() > give_up:
                raise
            await asyncio.sleep(0.2)


# What statements are given. A connection asks the catalogue about the types of each that it meets, 5 ms every time;
# it is introduced to all of them at once before it is used.
TYPES = ("smallint", "integer", "bigint", "text", "uuid", "bytea", "timestamptz", "date", "boolean")
INTRODUCTION = "SELECT " + ", ".join(f"${place}::{name}[]" for place, name in enumerate(TYPES, 1))


async def introduce(connection: Connection) -> None:
    """Let a new connection know the types that statements take."""
    await connection.prepare(INTRODUCTION)


async def open_pool(url: str, most: int) -> Pool:
    """Open the pool now. Raises one of AWAY where the server does not answer yet."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=most,
        command_timeout=45,
        connection_class=Committing,
        init=introduce,
        server_settings={
            "application_name": "tenfold",
            "statement_timeout": "30s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "60s",
        },
    )


async def answers(pool: Pool) -> None:
    """Ask the database for nothing, for at most 2 s. Raises what AWAY names where it does not answer."""
    await pool.fetchval("SELECT 1", timeout=2)


@asynccontextmanager
async def transaction(pool: Pool, *, one_moment: bool = False) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """One transaction, committed when the block ends and before anything is answered; any error rolls it back.
    `one_moment`: all of it is read as of the first statement (repeatable read), so that nothing contradicts the rest:
    facts of before a correction, with the corrections of after it, would show nobody.

    Leaving the block waits for COMMIT even when the task is being cancelled: a cancelled commit would leave
    the caller not knowing, and would leak the connection (see pitfalls).
    """
    connection = await pool.acquire()
    try:
        started = connection.transaction(isolation="repeatable_read" if one_moment else None)
        await started.start()
        try:
            yield connection
        except BaseException:
            try:
                await finished(started.rollback())
            except (*AWAY, asyncpg.PostgresError):
                # The first error is the one to tell, a cancellation above all; a dead connection is out of the pool.
                with suppress(asyncpg.InterfaceError):
                    connection.terminate()
            raise
        await finished(started.commit())
    finally:
        await finished(pool.release(connection))


@asynccontextmanager
async def savepoint(connection: Connection) -> AsyncIterator[None]:
    """A step of a transaction: where it fails, the transaction goes on from before it."""
    async with connection.transaction():
        yield


async def finished(work: Coroutine[None, None, T]) -> T:
    """Wait for `work` to its end even while being cancelled, then let the cancellation go on.

    `asyncio.shield` alone returns at once when cancelled: the connection would be released in the middle of COMMIT.
    """
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as stop:
            cancelled = stop
    if cancelled is not None:
        task.exception()  # looked at, so that nobody complains about it
        raise cancelled
    return task.result()
