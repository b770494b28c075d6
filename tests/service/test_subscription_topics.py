"""A subscription's own topic on a real broker: the feed through its filter, at least once, whatever happens to it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.exchange.agreements.repository import ask_for_purge
from shared.auth.issuer import Issuer
from shared.db import transaction
from shared.kafka.administering import administering
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import delete_topic, last_record
from tests.conftest import Database
from tests.exchange_world import Exchange, running, settings_for
from tests.kafka_foreign import configure, limit_messages
from tests.line import until
from tests.topics_world import TopicsWorld, prefix, standing
from tests.webhooks_world import MINE, call, tell
from tests.webhooks_world import standing as shown

pytest_plugins = ["tests.kafka"]


async def merge(exchange: Exchange, count: int = 1) -> list[str]:
    """Entries that say of a merge; their ids."""
    return await tell(exchange, count, "person.merged", {"merged": "a", "into": "b"})


@pytest.fixture
async def world(kafka_broker: Broker, database: Database, issuer: Issuer, tmp_path: Path) -> AsyncIterator[TopicsWorld]:
    """An exchange with a broker; nothing works on topics yet."""
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    settings.kafka_bootstrap, settings.kafka_topics = kafka_broker.bootstrap, prefix()
    settings.environment = "development"
    async with running(settings, issuer) as exchange:
        yield TopicsWorld(exchange, KafkaSettings(kafka_broker.bootstrap))


async def topics(world: TopicsWorld) -> set[str]:
    """The names of all topics at the broker."""
    async with administering(world.kafka) as admin:
        return set(await admin.list_topics())


async def test_a_topic_holds_what_its_filter_lets_through_and_follows_every_act_on_its_subscription(
    world: TopicsWorld,
) -> None:
    exchange = world.exchange
    await merge(exchange)
    merges = await world.put("merges", types=["person.merged"])
    assert (merges["kind"], merges["topic"], merges["url"], merges["secret"]) == (
        "kafka",
        world.topic("merges"),
        None,
        None,
    )
    await world.put("all")
    async with world.working():
        await tell(exchange, 2)
        (second,) = await merge(exchange)
        (third,) = await merge(exchange)
        records = await world.holds("merges", 4, 5)
        assert [json.loads(each.value or b"")["id"] for each in records] == [second, third]
        assert [each.header("after") for each in records] == [b"1", b"4"], "what a reader must have had before"
        page = (await call(exchange, "GET", "merges/feed")).json()
        assert [each["data"] for each in page["entries"][1:]] == [json.loads(each.value or b"") for each in records]

        # Paused: others go on, it does not; nothing can be read through it either. Resumed, it goes on where it was.
        assert (await call(exchange, "POST", "merges/pause")).json()["state"] == "paused"
        for path in ("merges/feed", "merges/stream"):
            assert (await call(exchange, "GET", path)).status_code == 409
        await merge(exchange)
        await world.holds("all", 2, 3, 4, 5, 6)
        assert standing(await world.read("merges", bool)) == [4, 5]
        await call(exchange, "POST", "merges/resume")
        await world.holds("merges", 4, 5, 6)

        # A test record is no entry, and the relay goes on behind it.
        tried = (await call(exchange, "POST", "merges/test")).json()
        assert (tried["delivered"], tried["outcome"], tried["body"]) == (
            True,
            "delivered",
            f"{world.topic('merges')}/0/3",
        )
        await tell(exchange)
        await merge(exchange)
        records = await world.holds("merges", 4, 5, 6, 6, 8)
        assert json.loads(records[3].value or b"")["type"] == "cn.tenfold.subscription.tested.v1"

        # Replayed: once more, under the same ids, behind what stands there.
        epoch = page["epoch"]
        assert (await call(exchange, "POST", "merges/replay", after=f"{epoch}:99")).status_code == 409
        assert (await call(exchange, "POST", "merges/replay", after=f"{epoch}:5")).status_code == 200
        records = await world.holds("merges", 4, 5, 6, 6, 8, 6, 8)
        assert [records[-2].value, records[-1].value] == [records[2].value, records[4].value]
        assert records[-2].header("after") == b"5"

        async def noted() -> bool:
            return bool((await shown(exchange, "merges"))["position"] == 8)

        await until(noted, "how far it is")
        assert (await call(exchange, "POST", "merges/retry")).status_code == 409

        # Deleted: the topic goes. Made anew, it begins at the end of the feed.
        assert (await call(exchange, "DELETE", "merges")).status_code == 204
        await world.put("merges", types=["person.merged"])
        await merge(exchange)
        await world.holds("merges", 9)
        # Another kind: the topic goes, too.
        assert (await call(exchange, "PUT", "merges")).json()["kind"] == "pull"

        async def gone() -> bool:
            return world.topic("merges") not in await topics(world)

        await until(gone, "the topic is gone")
        assert world.topic("all") in await topics(world)


async def test_a_topic_that_was_lost_or_purged_is_complete_again_after_a_restart_too(
    world: TopicsWorld,
) -> None:
    await merge(world.exchange)
    await world.put("merges", types=["person.merged"])
    await tell(world.exchange, 2)
    await merge(world.exchange, 3)
    async with world.working():
        await world.holds("merges", 4, 5, 6)
        await tell(world.exchange, 2)
        await call(world.exchange, "POST", "merges/replay", after=None)
        await world.holds("merges", 4, 5, 6, 1, 4, 5, 6)
    await delete_topic(world.kafka, world.topic("merges"))
    async with world.working():
        first = await world.holds("merges", 1, 4, 5, 6)
        await delete_topic(world.kafka, world.topic("merges"))
        await world.holds("merges", 1, 4, 5, 6)
        # Paused or not: what agreements took away is deleted at once.
        await call(world.exchange, "POST", "merges/pause")
        async with transaction(world.exchange.service.pool) as connection:
            await ask_for_purge(connection, MINE)

        async def empty() -> bool:
            return await last_record(world.kafka, world.topic("merges")) is None

        await until(empty, "the topic is empty")
        await call(world.exchange, "POST", "merges/resume")
        again = await world.holds("merges", 1, 4, 5, 6)
        assert [each.value for each in again] == [each.value for each in first]


async def test_one_topic_that_refuses_or_is_too_small_holds_up_no_other(world: TopicsWorld) -> None:
    exchange = world.exchange
    for name in ("refusing", "small", "sound"):
        await world.put(name)
    async with world.working() as working:
        await tell(exchange)
        for name in ("refusing", "small", "sound"):
            await world.holds(name, 1)
        await configure(world.kafka, world.topic("refusing"), "cleanup.policy", "compact")  # then nothing without a key
        await limit_messages(world.kafka, world.topic("small"), 1500)
        large = {"changed": {"name": "".join(chr(0x4E00 + number * 7) for number in range(1000))}}
        (too_large,) = await tell(exchange, data=large)
        await tell(exchange, 2)
        await world.holds("sound", 1, 2, 3, 4)
        records = await world.holds("small", 1, 2, 3, 4)
        assert json.loads(records[1].value or b"") == {"position": 2, "too_large": True}
        assert (await shown(exchange, "small"))["parked"] == 1
        assert standing(await world.read("refusing", bool)) == [1]
        (waiting,) = [each for each in working.relays if each.topic == world.topic("refusing")]
        await until(lambda: waiting.problem, "what the watchdog tells")

        row = await exchange.service.pool.fetchrow("SELECT origin, entry_id::text, fault FROM parked")
        assert tuple(row or ()) == (world.topic("small"), too_large, "too-large")
        await configure(world.kafka, world.topic("refusing"), "cleanup.policy", "delete")
        await world.holds("refusing", 1, 2, 3, 4)
        await call(exchange, "DELETE", "small")
        assert await exchange.service.pool.fetchval("SELECT count(*) FROM parked WHERE settled_at IS NULL") == 0


async def test_topics_are_for_departments_that_are_provisioned_for_kafka(world: TopicsWorld) -> None:
    answer = await call(world.exchange, "PUT", "all", "statistics", kind="kafka")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors#conflict")
    assert "not provisioned for Kafka" in answer.json()["detail"]
    assert (await call(world.exchange, "GET", "", "statistics")).json() == {"subscriptions": []}
    assert (await call(world.exchange, "PUT", "all", "health", kind="kafka")).status_code == 201
