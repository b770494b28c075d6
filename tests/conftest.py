"""What tests share: one PostgreSQL per run, a migrated database per test, keys and tokens of their own."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.tenfold.embedded import EmbeddedPostgres
from shared.auth.issuer import Issuer
from shared.migrate import upgrade

# Tests mint login codes and talk to loopback; those of production say so themselves.
os.environ.setdefault("TENFOLD_ENVIRONMENT", "development")

Database = Callable[[str], Awaitable[str]]


MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes; a server takes a quarter of it, and a run has a few


def fleeting() -> str | None:
    """Where a server of tests lives: in memory if there is plenty, for a disk that others use makes it wait."""
    return str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the run. Not durable: it never has to survive anything."""
    with (
        tempfile.TemporaryDirectory(prefix="tenfold-", dir=fleeting()) as folder,
        EmbeddedPostgres(Path(folder), durable=False) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """An issuer whose tokens the services under test accept."""
    return Issuer.open(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def templates() -> set[str]:
    """The services whose template database stands."""
    return set()


@pytest.fixture
async def database(postgres: EmbeddedPostgres, templates: set[str]) -> AsyncIterator[Database]:
    """`await database("registry")` is the URL of a migrated, empty database, gone after the test.

    Migrations run once per service, into a template; a clone of it takes 20 ms. Its files are copied: page by page
    through the log, as is usual, costs three times as much, and as much again when it is dropped.
    """
    made: list[str] = []
    server = await asyncpg.connect(postgres.dsn("postgres"))

    async def create(service: str) -> str:
        template, name = f"template_{service}", f"{service}_{uuid4().hex[:12]}"
        if service not in templates:
            await asyncio.to_thread(postgres.ensure_database, template)
            # In a thread: Alembic's environment runs a loop of its own.
            await asyncio.to_thread(upgrade, service, postgres.dsn(template))
            templates.add(service)
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        made.append(name)
        return postgres.dsn(name)

    try:
        yield create
        for name in made:
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()
