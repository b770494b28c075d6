"""The fixture `reconcilers`, for test files that say

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.reconcilers"]
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.alerts import app as alerts
from services.alerts.keys import OWN_KEYS
from services.alerts.reconciliation.checks import reconciler as of_alerts
from services.exchange.reconciliation.running.checks import reconciler as of_exchange
from services.registry.app import create_app
from services.registry.reconciliation.checks import reconciler as of_registry
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.conftest import Database
from tests.departments_world import Line, caller_of
from tests.reconcilers_world import Reconcilers


@pytest.fixture
async def reconcilers(line: Line, issuer: Issuer, database: Database, tmp_path: Path) -> AsyncIterator[Reconcilers]:
    """Reconcilers of a line, with alerts beside it that was told nothing yet."""
    KeyRing.create(tmp_path / "reconciled-alerts.keys", OWN_KEYS)
    theirs = alerts.create_app(
        Settings(
            database_url=await database("alerts"),
            keys_file=tmp_path / "reconciled-alerts.keys",
            jwks_file=issuer.public_jwks_path,
        )
    )
    app = create_app(line.registry.service.settings)
    async with (
        app.router.lifespan_context(app),
        theirs.router.lifespan_context(theirs),
        caller_of(app, issuer, "exchange") as registry,
        caller_of(app, issuer, "alerts") as of_care,
    ):
        yield Reconcilers(
            line,
            of_exchange(line.exchange.service, registry, line.exchange.app.state.agreements, grace=0),
            of_registry(line.registry.service, line.registry.folding),
            of_alerts(theirs.state.service, of_care.fetch),
        )
