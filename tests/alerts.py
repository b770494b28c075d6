"""Fixtures of an alerts service under test."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.alerts.app import create_app
from services.alerts.keys import OWN_KEYS
from services.alerts.state import Alerts
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.alerts_world import World
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
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://alerts") as http,
    ):
        world = World(app, app.state.alerts, issuer, http)
        world.alerts = app.state.alerts = Alerts.of(app.state.service, lambda: world.today)
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
