"""The whole line over a broker as in production: the credential says who reports, and the feed who is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.exchange.intake.journal import PARTITIONS
from shared.auth.issuer import Issuer
from shared.feed.follow import FeedEntry
from shared.kafka.follow import TopicFollower, over_http
from shared.kafka.producer import TopicProducer
from shared.kafka.topics import internal_topic, last_record
from shared.kafka.values import Record
from tests.conftest import Database
from tests.edges_world import SECURITY, Edges, cloud_events, running_edges, structured
from tests.line import until
from tests.secured_world import Secured

pytest_plugins = ["tests.kafka_secured"]


@pytest.fixture
async def edges(secured: Secured, database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Edges]:
    """A line whose services log in as themselves, would refuse to start on a broker that is open, and follow each
    other through it."""
    told = {"environment": "production", "kafka_topics": "tenfold", "kafka_internal_feeds": True}
    connecting = {name: secured.settings(name).model_copy(update=told) for name in ("exchange", "registry")}
    async with running_edges(secured.broker, database, issuer, tmp_path, connecting) as running:
        yield running


async def test_who_reports_is_whose_password_wrote_and_another_departments_event_is_refused_on_the_writers_feed(
    edges: Edges, secured: Secured
) -> None:
    theirs, mine = cloud_events(2)
    async with TopicProducer(secured.user("health")) as health:
        await health.send(edges.intake("health"), [structured(theirs)], partition=2)

    async def answered() -> bool:
        return bool(await edges.refused("health"))

    await until(answered, "the refusal on the feed of the topic's owner")
    [refused] = (await edges.refused("health")).values()
    assert (refused["partition"], refused["problem"]["status"]) == (2, 403)
    assert await edges.pool.fetchval("SELECT count(*) FROM journal") == 0
    assert await edges.told(SECURITY) == []

    async with TopicProducer(secured.user(SECURITY)) as security:
        await security.send(edges.intake(), [structured(each) for each in (mine, theirs)], partition=1)
    await edges.all_applied([mine, theirs])

    taken: list[FeedEntry] = []
    told = len(await edges.told())
    async with (
        edges.client() as client,
        TopicFollower(secured.user(SECURITY), edges.feed(), over_http(client), None, head_seconds=600) as follower,
    ):
        while len(taken) < told:
            taken += (await follower.read()).entries
    assert follower.pulled == 0, "everything came by the topic"

    # What the services told each other went through the broker as well, and nobody can read it there.
    names = [person["name"].encode() for each in (mine, theirs) for person in [each["data"]["person"]]]
    between: list[Record] = []
    for user, topic, partitions in (("registry", "vital-events", PARTITIONS), ("exchange", "changes", 1)):
        for partition in range(partitions):
            last = await last_record(secured.user(user), internal_topic(topic), partition)
            between += [last] if last is not None else []
    assert len(between) >= 2
    assert not [record for record in between if any(name in (record.value or b"") for name in names)]
