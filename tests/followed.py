"""Fixtures of a followed feed, for test files that say `pytest_plugins = ["tests.kafka", "tests.followed"]`.

`followed` is by pull unless a test says `@pytest.mark.parametrize("followed", ["pull", "kafka"], indirect=True)`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.kafka.broker import Broker
from shared.crypto.keyring import KeyRing
from shared.db import connect
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.kafka.settings import KafkaSettings
from tests.conftest import Database
from tests.followed_world import FEED, Line, TopicLine, topic_settings


async def _opened(broker: Broker | None, database: Database, folder: Path) -> Line:
    source = await connect(await database("exchange"), most=4)
    target = await connect(await database("exchange"), most=8)
    ring = KeyRing.create(folder / "keys", ["feed", "parked", "exchange-registry"])
    await heads.ensure(source, FEED)  # type: ignore[arg-type]
    await target.execute("CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, entry_id uuid NOT NULL)")
    if broker is None:
        return Line(source, target, ring, FeedLog(ring))
    kafka, settings = KafkaSettings(broker.bootstrap), topic_settings(f"test-{uuid4().hex[:8]}")
    line = TopicLine(source, target, ring, FeedLog(ring), kafka=kafka, settings=settings)
    line.publish()
    return line


@pytest.fixture
async def followed(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[Line]:
    """A feed and its followers, by the transport that the test is given."""
    over_kafka = getattr(request, "param", "pull") == "kafka"
    line = await _opened(request.getfixturevalue("kafka_broker") if over_kafka else None, database, tmp_path)
    yield line
    await line.close()


@pytest.fixture
async def topic_line(fragile_broker: Broker, database: Database, tmp_path: Path) -> AsyncIterator[Line]:
    """A feed through a topic of a broker that may be wiped."""
    line = await _opened(fragile_broker, database, tmp_path)
    yield line
    await line.close()
