"""Fixtures of an alerts service under test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.alerts.keys import OWN_KEYS
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.alerts_world import World, running
from tests.care_world import CareWorld
from tests.channels_world import Channels
from tests.conftest import Database


@pytest.fixture
async def settings(database: Database, issuer: Issuer, tmp_path: Path) -> Settings:
    """Settings of an alerts service with its own database and keys."""
    KeyRing.create(tmp_path / "alerts.keys", (*OWN_KEYS, "care-index"))
    url = await database("alerts")
    return Settings(database_url=url, keys_file=tmp_path / "alerts.keys", jwks_file=issuer.public_jwks_path)


@pytest.fixture
async def world(settings: Settings, issuer: Issuer) -> AsyncIterator[World]:
    """A running alerts service without a network, and its date."""
    async with running(settings, issuer) as world:
        yield world


@pytest.fixture
def cared(world: World) -> CareWorld:
    """The same, with the hands of its care workers."""
    return CareWorld(world)


@pytest.fixture
async def channels(cared: CareWorld) -> Channels:
    """The channels of facilities; webhooks may be sent to this machine."""
    found = Channels(cared)
    cared.world.app.state.sender = found.sender
    return found
