"""Fixtures of a registry under test, for test files that say `pytest_plugins = ["tests.registry"]`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.auth.issuer import Issuer
from tests.conftest import Database
from tests.registry_world import LookUpWorld, RegistryWorld, looking_up, opened, settings_for


@pytest.fixture
async def registry(database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[RegistryWorld]:
    """A registry with an empty database."""
    async with opened(settings_for(await database("registry"), tmp_path, issuer)) as world:
        yield world


@pytest.fixture
async def lookups(registry: RegistryWorld, issuer: Issuer) -> AsyncIterator[LookUpWorld]:
    """The registry's API without a network, over the database of `registry`."""
    async with looking_up(registry, issuer) as world:
        yield world
