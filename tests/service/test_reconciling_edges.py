"""Departments' topics beside feeds, subscriptions and the journal: whatever one of them lacks is named."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.exchange.feeds.names import department_feed
from services.exchange.intake.kafka import TopicIntake
from services.exchange.intake.kafka_members import Members
from services.exchange.reconciliation.topics.checks import Topics
from services.exchange.reconciliation.topics.intake import IntakeTopics
from shared.auth.issuer import Issuer
from shared.feed.values import Entry
from shared.kafka.errors import Unreachable
from shared.kafka.feed_records import message_of
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.standing import StandingTopics
from shared.kafka.topics import Topic, delete_topic, ensure_topics, feed_topic, intake_topic
from shared.kafka.values import Message
from shared.reconciliation.kinds import INTAKE_GONE, INTAKE_LOST, RECORD_LOST, Finding
from shared.reconciliation.running import Check, InFlight, Reconciler
from tests.conftest import Database
from tests.edges_world import SECURITY, Json, cloud_events, structured
from tests.exchange_world import running, settings_for
from tests.kafka_foreign import cut_beginning
from tests.line import until
from tests.topics_world import TopicsWorld, prefix
from tests.webhooks_world import MINE, call, tell

pytest_plugins = ["tests.kafka"]


@pytest.fixture
async def beside(
    kafka_broker: Broker, database: Database, issuer: Issuer, tmp_path: Path
) -> AsyncIterator[TopicsWorld]:
    """An exchange with a broker; nothing works on topics yet."""
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    settings.kafka_bootstrap, settings.kafka_topics = kafka_broker.bootstrap, prefix()
    settings.environment = "development"
    async with running(settings, issuer) as exchange:
        yield TopicsWorld(exchange, KafkaSettings(kafka_broker.bootstrap))


async def found(world: TopicsWorld, check: Check) -> set[Finding]:
    """One round of a check; what stands open of it."""
    pool = world.exchange.service.pool
    await Reconciler(pool, [check]).once()
    rows = await pool.fetch("SELECT kind, place FROM finding WHERE settled_at IS NULL")
    return {Finding(row["kind"], row["place"]) for row in rows}


async def entries_of(world: TopicsWorld, feed: str) -> list[Message]:
    """A feed's entries as a relay writes them."""
    service = world.exchange.service
    async with service.pool.acquire() as connection:
        page = await service.feeds.read(connection, feed, 0, None, 1000)
    written: list[Entry] = list(page.entries)
    return [message_of(page.epoch, entry) for entry in written]


async def put_anew(world: TopicsWorld, topic: str, messages: Sequence[Message]) -> None:
    """Create a topic that was just deleted with these records; a broker takes a moment to be done with the old one."""

    async def created() -> bool:
        try:
            await ensure_topics(world.kafka, [Topic(topic)])
        except Unreachable:
            return False
        return True

    await until(created, "the topic created anew")
    await put_into(world, topic, messages)


async def put_into(world: TopicsWorld, topic: str, messages: Sequence[Message]) -> None:
    """Create a topic with these records."""
    await ensure_topics(world.kafka, [Topic(topic)])
    async with TopicProducer(world.kafka) as producer:
        await producer.send(topic, messages)


async def test_a_hole_in_a_departments_feed_topic_is_named(beside: TopicsWorld) -> None:
    topic = feed_topic(MINE, beside.exchange.settings.kafka_topics)
    await tell(beside.exchange, 6)
    messages = await entries_of(beside, department_feed(MINE))
    await put_into(beside, topic, [*messages[:2], *messages[3:]])
    check = Topics(beside.exchange.service, beside.kafka, [MINE], again=0).check()
    assert await found(beside, check) == {Finding(RECORD_LOST, f"{topic}/0: 3")}
    async with TopicProducer(beside.kafka) as producer:
        await producer.send(topic, messages)
    assert await found(beside, check) == set(), "published again"


async def test_what_a_subscriptions_topic_lacks_is_named(beside: TopicsWorld) -> None:
    topics = Topics(beside.exchange.service, beside.kafka, [MINE], again=0)
    topics.feeds.clear()
    check, topic = topics.check(), beside.topic("merges")
    await tell(beside.exchange)
    await beside.put("merges", types=["person.merged"])
    async with beside.working():
        for _ in range(3):  # at the positions 3, 5 and 7
            await tell(beside.exchange)
            await tell(beside.exchange, 1, "person.merged", {"merged": "a", "into": "b"})
        records = await beside.holds("merges", 3, 5, 7)
        await call(beside.exchange, "POST", "merges/test")
        assert await found(beside, check) == set()
        epoch = (await call(beside.exchange, "GET", "merges/feed")).json()["epoch"]
        await call(beside.exchange, "POST", "merges/replay", after=f"{epoch}:4")
        await beside.holds("merges", 3, 5, 7, 7, 5, 7)
        assert await found(beside, check) == set(), "replayed"
    await cut_beginning(beside.kafka, topic, 2)
    assert await found(beside, check) == {Finding(RECORD_LOST, f"{topic}/0: 2-4")}, "5 stands there once more"
    await delete_topic(beside.kafka, topic)

    left = [Message(each.value or b"", headers=each.headers) for each in (records[0], records[2])]
    await put_anew(beside, topic, left)
    assert await found(beside, check) == {Finding(RECORD_LOST, f"{topic}/0: 4-5")}


class Taking:
    """A department's intake topic, taken by hand."""

    def __init__(self, world: TopicsWorld) -> None:
        self.world, self.service = world, world.exchange.service
        self.topic = intake_topic(SECURITY, self.service.settings.kafka_topics)
        self.intake = world.exchange.app.state.intake
        self.check = IntakeTopics(self.service, self.intake, world.kafka, [SECURITY]).check()

    async def produce(self, events: Sequence[Json], *more: Message) -> None:
        """Put these events into the topic."""
        await put_into(self.world, self.topic, [*(structured(each) for each in events), *more])

    async def take(self, last: int) -> None:
        """Take everything up to this offset, as the worker does."""
        members = Members(self.service.pool)
        standing = StandingTopics(self.world.kafka, [])
        taking = TopicIntake(self.service, self.intake, SECURITY, self.world.kafka, self.topic, standing, members)
        task = asyncio.create_task(taking.run())

        async def taken() -> bool:
            stands = "SELECT record_offset FROM kafka_position WHERE topic = $1"
            return bool(await self.service.pool.fetchval(stands, self.topic) == last)

        await until(taken, f"offset {last} taken")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def named(self) -> set[Finding]:
        """What is found."""
        return await found(self.world, self.check)

    def lost(self, offsets: str) -> Finding:
        """A record that was taken and is nowhere."""
        return Finding(INTAKE_LOST, f"{self.topic}/0: {offsets}")

    def gone(self, offsets: str) -> Finding:
        """Records that left the topic unseen."""
        return Finding(INTAKE_GONE, f"{self.topic}/0: {offsets}")


async def test_what_was_taken_is_in_the_journal_or_answered_and_what_is_neither_is_named(beside: TopicsWorld) -> None:
    taking, events = Taking(beside), cloud_events(6)
    pool = taking.service.pool
    other = events[0] | {"subject": "another"}
    wrong = Message(b"{", headers=(("content-type", b"application/cloudevents+json"),))
    await taking.produce([*events, events[1], other], wrong)
    await taking.take(8)
    assert await taking.named() == set()
    # Nothing that was looked at once is looked at again: the journal's own rows and positions tell of it.
    await pool.execute("DELETE FROM intake_checked /* removes */")
    await pool.execute("DELETE FROM journal WHERE id = $1", events[3]["id"])
    await pool.execute("UPDATE journal SET digest = substr(digest, 1, 5) || 'x' WHERE id = $1", events[4]["id"])
    await pool.execute("DELETE FROM feed_entry WHERE feed = $1", department_feed(SECURITY))
    lost = {taking.lost("3"), taking.lost("4"), taking.lost("7"), taking.lost("8")}
    assert await taking.named() == lost
    assert await taking.named() == lost, "as long as it is so"
    assert await pool.fetchval("SELECT record_offset FROM intake_checked") == 2


async def test_records_that_left_the_topic_before_they_were_taken_are_named_for_their_department(
    beside: TopicsWorld,
) -> None:
    taking, events = Taking(beside), cloud_events(6)
    await taking.produce(events[:2])
    await taking.take(1)
    assert await taking.named() == set()
    await taking.produce(events[2:])
    await cut_beginning(beside.kafka, taking.topic, 4)
    assert await taking.named() == {taking.gone("2-3")}
    await taking.take(5)
    assert await taking.named() == {taking.gone("2-3")}, "until the topic would have forgotten them"
    forgotten = "UPDATE intake_gone SET seen_at = seen_at - interval '15 days'"
    await taking.service.pool.execute(forgotten)
    assert await taking.named() == set()


async def test_what_retention_removes_after_it_was_taken_is_nothing(beside: TopicsWorld) -> None:
    taking, events = Taking(beside), cloud_events(5)
    await taking.produce(events)
    await taking.take(4)
    assert await taking.named() == set()
    await cut_beginning(beside.kafka, taking.topic, 5)
    assert await taking.named() == set()


@pytest.mark.parametrize("again", [1, 5])
async def test_a_wiped_topic_is_named_whether_it_is_shorter_or_longer_afterwards(
    beside: TopicsWorld, again: int
) -> None:
    taking, events = Taking(beside), cloud_events(8)
    await taking.produce(events[:3])
    await taking.take(2)
    assert await taking.named() == set()
    await delete_topic(beside.kafka, taking.topic)

    await put_anew(beside, taking.topic, [structured(each) for each in events[3 : 3 + again]])
    await taking.take(again - 1)
    try:
        named = await taking.named()
    except InFlight:  # the log is longer than before: that it is another one shows while it is read
        named = await taking.named()
    assert named == {taking.gone("3-")}


async def test_a_broker_that_is_away_concludes_nothing(beside: TopicsWorld) -> None:
    away = KafkaSettings("127.0.0.1:9")
    taking = Taking(beside)
    with pytest.raises(InFlight):
        await found(beside, IntakeTopics(taking.service, taking.intake, away, [SECURITY]).check())
