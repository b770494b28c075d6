"""Fixtures of the clerks' desk, for test files that say `pytest_plugins = ["tests.registry", "tests.reviews"]`."""

import pytest

from tests.registry_world import LookUpWorld, RegistryWorld
from tests.reviews_world import Desk


@pytest.fixture
async def desk(registry: RegistryWorld, lookups: LookUpWorld) -> Desk:
    """A registry with an empty database, and its clerks."""
    return Desk(registry, lookups)
