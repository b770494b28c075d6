"""Fixtures with a real Kafka broker, for test files that say `pytest_plugins = ["tests.kafka"]`.

`kafka_broker` is one for the whole session and never disturbed; `fragile_broker` may be killed, frozen and wiped.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from deploy.kafka.broker import Broker
from shared.kafka.settings import KafkaSettings
from tests.brokers import broker_or_skip


def _running(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Broker]:
    broker_or_skip()
    broker = Broker(tmp_path_factory.mktemp(name))
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    yield from _running(tmp_path_factory, "kafka")


@pytest.fixture(scope="session")
def _second_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    yield from _running(tmp_path_factory, "fragile-kafka")


@pytest.fixture
def fragile_broker(_second_broker: Broker) -> Broker:
    """A broker that runs when the test begins, whatever the test before did to it."""
    _second_broker.start()
    return _second_broker


@pytest.fixture
def kafka(kafka_broker: Broker) -> KafkaSettings:
    """Settings for the undisturbed broker."""
    return KafkaSettings(kafka_broker.bootstrap)


@pytest.fixture
def topic() -> str:
    """A name that no other test uses."""
    return f"tenfold.test.{uuid4()}"
