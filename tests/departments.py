"""The fixture `line`, for test files that say

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]
"""

from collections.abc import AsyncIterator

import pytest

from shared.auth.issuer import Issuer
from tests.departments_world import Line, lined_up
from tests.exchange_world import Exchange
from tests.registry_world import RegistryWorld


@pytest.fixture
async def line(exchange: Exchange, registry: RegistryWorld, issuer: Issuer) -> AsyncIterator[Line]:
    """Exchange and registry in line, both empty."""
    async with lined_up(exchange, registry, issuer) as world:
        yield world
