"""The fixture `reconcilers`, for test files that say

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments", "tests.reconcilers"]
"""

from collections.abc import AsyncIterator

import pytest

from services.exchange.reconciliation.running.checks import reconciler as of_exchange
from services.registry.app import create_app
from services.registry.reconciliation.checks import reconciler as of_registry
from shared.auth.issuer import Issuer
from tests.departments_world import Line, caller_of
from tests.reconcilers_world import Reconcilers


@pytest.fixture
async def reconcilers(line: Line, issuer: Issuer) -> AsyncIterator[Reconcilers]:
    """Reconcilers of a line."""
    app = create_app(line.registry.service.settings)
    async with app.router.lifespan_context(app), caller_of(app, issuer, "exchange") as registry:
        yield Reconcilers(
            line,
            of_exchange(line.exchange.service, registry, line.exchange.app.state.agreements),
            of_registry(line.registry.service, line.registry.folding),
        )
