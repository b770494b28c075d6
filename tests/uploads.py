"""Fixture of a clerk who sends registers over HTTP."""

import pytest

from tests.registry_world import LookUpWorld, RegistryWorld
from tests.uploads_world import Clerk


@pytest.fixture
def bulk_clerk(lookups: LookUpWorld, registry: RegistryWorld) -> Clerk:
    """A clerk who imports into an empty registry."""
    return Clerk(lookups, registry)
