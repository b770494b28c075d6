"""The fixture `exchange`, for test files that say `pytest_plugins = ["tests.exchange"]`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.auth.issuer import Issuer
from tests.conftest import Database
from tests.exchange_world import Exchange, running, settings_for


@pytest.fixture
async def exchange(database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Exchange]:
    """An exchange with an empty database."""
    async with running(settings_for(await database("exchange"), tmp_path, issuer), issuer) as world:
        yield world
