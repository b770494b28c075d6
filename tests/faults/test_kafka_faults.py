"""Kafka is distribution, the journal is the truth: brokers die, are wiped and get other topics, and nothing is lost."""

import asyncio
import gc
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from services.exchange import worker as exchange_worker
from services.exchange.feeds.names import department_feed
from services.exchange.intake.kafka import GIVE_UP_AFTER
from shared.feed.follow import FeedEntry
from shared.kafka.errors import Undelivered, Unreachable
from shared.kafka.follow import TopicFollower
from shared.kafka.producer import TopicProducer
from shared.kafka.topics import Topic, delete_topic, ensure_topics, last_record
from shared.kafka.values import Message
from tests.edges_world import SECURITY, Edges, cloud_events, positions, structured
from tests.line import until

pytest_plugins = ["tests.kafka", "tests.edges"]
# A broker that hangs or dies in the middle of a greeting leaves aiokafka a connection that only the collector closes,
# whenever it comes: here, so that no later test is blamed for what the library says of it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """What a test has left is collected while it lasts."""
    yield
    gc.collect()


Json = dict[str, Any]
SLICE = 20


@pytest.fixture
def edges(fragile_edges: Edges) -> Edges:
    """One broker for all tests of this file, the one that may be disturbed."""
    return fragile_edges


async def report_until_applied(edges: Edges, reported: Sequence[Json]) -> dict[str, str]:
    """As a department's client does: keep each event until its receipt is on the feed, and send it again till then."""
    wanted = {each["id"]: each for each in reported}
    deadline = time.monotonic() + 90
    async with TopicProducer(edges.kafka, deadline=3) as producer:
        while True:
            applied = await edges.applied()
            left = [event for name, event in wanted.items() if name not in applied]
            if not left:
                return applied
            assert time.monotonic() < deadline, f"{len(left)} of {len(wanted)} events have no receipt"
            for start in range(0, len(left), SLICE):
                try:
                    messages = [structured(each) for each in left[start : start + SLICE]]
                    await producer.send(edges.intake(), messages)
                except Undelivered:
                    break


async def follow(follower: TopicFollower, taken: list[FeedEntry]) -> None:
    """Take what comes, for ever."""
    while True:
        taken.extend((await follower.read(0.5)).entries)


async def same_as_http(edges: Edges, taken: Sequence[FeedEntry]) -> None:
    """The follower has, or gets, every entry once, in order, equal to the feed over HTTP."""
    told = await edges.told()
    await until(lambda: len(taken) >= len(told), "the follower at the head")
    assert [(each.position, json.loads(bytes(each.data))) for each in taken[: len(told)]] == [
        (entry["position"], entry["data"]) for entry in told
    ]
    assert len({each.id for each in taken}) == len(taken), "nothing comes twice"


async def complete_again(edges: Edges) -> None:
    """The topic holds the entire feed, each position in order."""
    told = await edges.told()
    records = await edges.published(lambda records: len(set(positions(records))) == len(told))
    assert positions(records) == list(range(1, len(told) + 1))


async def replace_topic(edges: Edges, topic: str, messages: Sequence[Message] = ()) -> None:
    """Delete a topic and create it anew, with other records."""
    await delete_topic(edges.kafka, topic)

    async def created() -> bool:
        try:
            await ensure_topics(edges.kafka, [Topic(topic, partitions=None)])
        except Unreachable:
            return False
        return True

    await until(created, f"{topic} created anew")
    if messages:
        async with TopicProducer(edges.kafka) as producer:
            await producer.send(topic, messages)


async def test_a_broker_that_is_killed_under_load_and_then_wiped_loses_and_repeats_nothing(
    edges: Edges,
) -> None:
    broker = edges.broker
    load, by_http, after = cloud_events(120), cloud_events(10), cloud_events(30)
    taken: list[FeedEntry] = []
    async with edges.client() as client, edges.follower(client, head_seconds=1) as follower:
        following = asyncio.create_task(follow(follower, taken))
        await ensure_topics(edges.kafka, [Topic(edges.intake(), partitions=None)])
        reporting = asyncio.create_task(report_until_applied(edges, load))
        await until(lambda: edges.pool.fetchval("SELECT count(*) >= 40 FROM journal"), "some accepted")
        await asyncio.to_thread(broker.kill)

        began = time.monotonic()
        for each in by_http:
            assert (await client.report(each))["status"] == "accepted"
        assert time.monotonic() - began < 10, "intake over HTTP does not wait for a broker"
        assert await client.get("/readyz") == {"status": "ready", "broker": "unreachable"}
        await edges.all_applied(by_http)
        await same_as_http(edges, taken)
        assert follower.pulled > 0, "without the broker the follower goes on over HTTP"

        await asyncio.to_thread(broker.start)
        applied = await reporting
        assert {each["id"] for each in load} <= applied.keys()
        await complete_again(edges)

        await asyncio.to_thread(broker.wipe)
        await asyncio.to_thread(broker.start)
        await until(lambda: _stands(edges), "the topics of the edges, created anew")
        await report_until_applied(edges, after)
        await complete_again(edges)
        await same_as_http(edges, taken)
        following.cancel()
    reported = [*load, *by_http, *after]
    assert await edges.pool.fetchval("SELECT count(*) FROM journal") == len(reported)
    assert (await edges.applied()).keys() == {each["id"] for each in reported}
    assert not await edges.refused()


async def _stands(edges: Edges) -> bool:
    try:
        await last_record(edges.kafka, edges.intake())
    except Unreachable:
        return False
    return True


@pytest.mark.parametrize("worker", ["running", "stopped"])
async def test_an_intake_topic_created_anew_and_longer_than_the_stored_offset_is_taken_whole(
    edges: Edges, worker: str
) -> None:
    before, lost_in_between = cloud_events(5), cloud_events(9)
    await edges.produce([*(structured(each) for each in before), Message(b"poison")])
    await edges.all_applied(before)
    if worker == "stopped":
        await stop_worker(edges)
    # The first records are repeats: what a department whose topic was lost sends again.
    again = [structured(each) for each in [*before, *lost_in_between]]
    await replace_topic(edges, edges.intake(), [*again, Message(b"poison")])
    if worker == "stopped":
        start_worker(edges)
    await edges.all_applied(lost_in_between)
    assert await edges.pool.fetchval("SELECT count(*) FROM journal") == 14

    async def both_answered() -> bool:
        return set(await edges.refused()) == {5, 14}

    await until(both_answered, "the poison of either log answered by its offset")


async def test_a_feed_topic_created_anew_is_complete_again_and_its_follower_sees_nothing_twice(
    edges: Edges,
) -> None:
    first, second = cloud_events(15), cloud_events(15)
    taken: list[FeedEntry] = []
    async with edges.client() as client, edges.follower(client, head_seconds=1) as follower:
        following = asyncio.create_task(follow(follower, taken))
        await edges.produce([structured(each) for each in first])
        await edges.all_applied(first)
        await complete_again(edges)
        await delete_topic(edges.kafka, edges.feed())
        await complete_again(edges)
        await edges.produce([structured(each) for each in second])
        await edges.all_applied(second)
        await complete_again(edges)
        await same_as_http(edges, taken)
        following.cancel()


async def test_a_rebuilt_feed_is_published_anew_and_its_follower_is_told(edges: Edges) -> None:
    reported = cloud_events(10)
    await edges.produce([structured(each) for each in reported])
    await edges.all_applied(reported)
    told = await edges.told()
    await edges.published_all()
    async with edges.client() as client, edges.follower(client, head_seconds=30) as follower:
        while follower.cursor is None or follower.cursor.position < len(told):
            await follower.read()
        before = follower.cursor
        feed = department_feed(SECURITY)
        await edges.pool.execute("UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed = $1", feed)
        found = await follower.read()
        while not found.entries:
            found = await follower.read()
        assert found.reset
        again = [*found.entries]
        while len(again) < len(told):
            again += (await follower.read()).entries
        assert follower.cursor is not None
        assert follower.cursor.epoch != before.epoch
    assert [str(each.id) for each in again] == [entry["id"] for entry in told], "the same entries, by their ids"


async def test_a_record_of_a_stranger_in_a_feed_topic_hides_nothing(edges: Edges) -> None:
    reported = cloud_events(10)
    await edges.produce([structured(each) for each in reported])
    await edges.all_applied(reported)
    told = await edges.told()
    await edges.published_all()
    taken: list[FeedEntry] = []
    async with edges.client() as client, edges.follower(client) as follower, TopicProducer(edges.kafka) as producer:
        following = asyncio.create_task(follow(follower, taken))
        lie = (("epoch", b"none"), ("position", b"1"), ("content-type", b"application/cloudevents+json"))
        await producer.send(edges.feed(), [Message(b"{}"), Message(b"{}", headers=lie)])
        records = await edges.published(lambda records: positions(records).count(len(told)) == 2)
        assert positions(records) == [*range(1, len(told) + 1)] * 2, "once more from the beginning, then from there"
        await edges.produce([structured(each) for each in cloud_events(1)])
        await until(lambda: len(taken) > len(told), "more")
        await same_as_http(edges, taken)
        following.cancel()


async def test_a_broker_that_hangs_delays_neither_http_nor_the_end_of_the_worker(edges: Edges) -> None:
    reported = cloud_events(6)
    await edges.produce([structured(reported[0])])
    await edges.all_applied(reported[:1])
    os.kill(edges.broker.pid, signal.SIGSTOP)
    try:
        async with edges.client() as client:
            began = time.monotonic()
            for each in reported[1:]:
                await client.report(each)
            assert time.monotonic() - began < 10
        began = time.monotonic()
        await stop_worker(edges)
        assert time.monotonic() - began < 5
    finally:
        os.kill(edges.broker.pid, signal.SIGCONT)
    start_worker(edges)
    await edges.all_applied(reported)
    await complete_again(edges)


async def test_a_position_that_was_lost_brings_repeats_only(edges: Edges) -> None:
    reported = cloud_events(10)
    await edges.produce([Message(b"poison"), *(structured(each) for each in reported)])
    applied = await edges.all_applied(reported)
    await stop_worker(edges)
    await edges.pool.execute("DELETE FROM kafka_position")
    start_worker(edges)
    row = "SELECT record_offset FROM kafka_position WHERE topic = $1"
    await until(lambda: edges.pool.fetchval(f"SELECT ({row}) = 10", edges.intake()), "all taken again")
    assert await edges.applied() == applied
    assert set(await edges.refused()) == {0}
    assert await edges.pool.fetchval("SELECT count(*) FROM journal") == 10
    assert await edges.pool.fetchval("SELECT count(*) FROM parked") == 1


async def test_two_workers_at_once_accept_and_answer_everything_once(edges: Edges) -> None:
    start_worker(edges)
    reported = cloud_events(40)
    for start in range(0, 40, 5):
        await edges.produce([Message(b"poison"), *(structured(each) for each in reported[start : start + 5])])
    await edges.all_applied(reported)

    async def all_answered() -> bool:
        return len(await edges.refused()) == 8

    await until(all_answered, "each poison answered once")
    assert await edges.pool.fetchval("SELECT count(*) FROM journal") == 40
    assert await edges.pool.fetchval("SELECT count(*) FROM parked") == 8
    async with edges.client() as client, edges.follower(client) as follower:
        taken: list[FeedEntry] = []
        following = asyncio.create_task(follow(follower, taken))
        await same_as_http(edges, taken)
        following.cancel()


async def test_a_record_that_the_database_refuses_is_parked_and_those_behind_it_are_accepted(
    edges: Edges,
) -> None:
    reported = cloud_events(6)
    await edges.pool.execute(
        f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
        CREATE TRIGGER refuse BEFORE INSERT ON journal FOR EACH ROW
        WHEN (NEW.id = '{reported[2]["id"]}') EXECUTE FUNCTION refuse()"""
    )
    await edges.produce([structured(each) for each in reported])
    await edges.all_applied([each for each in reported if each is not reported[2]])
    refused = await edges.refused()
    assert {offset: told["problem"]["type"] for offset, told in refused.items()} == {2: "/errors#internal"}
    assert await edges.pool.fetchval("SELECT count(*) FROM parked WHERE fault = 'internal'") == 1


async def test_an_outage_of_the_journal_is_waited_out_and_no_record_is_parked_for_it(edges: Edges) -> None:
    reported = cloud_events(3)
    # Heads that somebody else holds too long: intake meets the lock timeout, while positions can be moved. A sequence
    # counts the tries, for it does not roll back.
    await edges.pool.execute(
        """CREATE SEQUENCE tries;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM nextval(''tries''); RAISE EXCEPTION ''locked'' USING ERRCODE = ''55P03''; END';
        CREATE TRIGGER refuse BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION refuse()"""
    )
    await edges.produce([structured(reported[0])])
    enough = f"SELECT last_value > {GIVE_UP_AFTER} FROM tries"
    await until(lambda: edges.pool.fetchval(enough), "more tries than a record has that fails by itself")
    await edges.produce([structured(each) for each in reported[1:]])
    assert await edges.pool.fetchval("SELECT count(*) FROM kafka_position") == 0
    await edges.pool.execute("DROP TRIGGER refuse ON journal")
    await edges.all_applied(reported)
    assert await edges.refused() == {}
    assert await edges.pool.fetchval("SELECT count(*) FROM parked") == 0


def start_worker(edges: Edges) -> None:
    """Start another exchange worker."""
    edges.working.append(asyncio.create_task(exchange_worker.work(edges.exchange_settings)))


async def stop_worker(edges: Edges) -> None:
    """End the exchange's worker, as SIGTERM does."""
    task = edges.working.pop(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
