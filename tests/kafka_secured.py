"""A broker as in production, one a module, for test files that say `pytest_plugins = ["tests.kafka_secured"]`."""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.kafka.passwords import Passwords
from deploy.kafka.provision import Installation, provision
from deploy.kafka.secured import SecuredBroker
from tests.brokers import broker_or_skip
from tests.secured_world import DEPARTMENTS, Secured


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Three departments provisioned, with feeds between the services."""
    broker_or_skip()
    folder = tmp_path_factory.mktemp("secured")
    broker = SecuredBroker(folder / "kafka")
    secured = Secured(broker, Installation(Passwords(folder / "passwords"), DEPARTMENTS, internal=True))
    try:
        broker.start()
        secured.first = asyncio.run(provision(secured.operator, secured.installation))
        yield secured
    finally:
        broker.kill()
