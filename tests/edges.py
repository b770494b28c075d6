"""Fixtures of a line beside a broker, for test files that say `pytest_plugins = ["tests.kafka", "tests.edges"]`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from shared.auth.issuer import Issuer
from tests.conftest import Database
from tests.edges_world import Edges, running_edges


@pytest.fixture
async def edges(kafka_broker: Broker, database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Edges]:
    """A line beside the undisturbed broker."""
    async with running_edges(kafka_broker, database, issuer, tmp_path) as running:
        yield running


@pytest.fixture
async def fragile_edges(
    fragile_broker: Broker, database: Database, issuer: Issuer, tmp_path: Path
) -> AsyncIterator[Edges]:
    """A line beside a broker that may be killed and wiped."""
    async with running_edges(fragile_broker, database, issuer, tmp_path) as running:
        yield running
