"""Kafka and HTTP are two ways of saying and being told the same; whatever lies in a topic blocks nothing."""

import asyncio
import base64
import json
import os
import re
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.exchange.feeds.names import department_feed
from shared.crypto.sealing import unseal
from shared.feed.follow import FeedEntry
from shared.kafka.feed_records import cursor_of
from shared.kafka.topics import Topic, ensure_topics
from shared.kafka.values import Message
from tests.edges_world import CLOUD_EVENTS, SECURITY, Edges, binary, cloud_events, positions, structured
from tests.kafka_foreign import limit_messages, send_null
from tests.line import until

pytest_plugins = ["tests.kafka", "tests.edges"]

Json = dict[str, Any]
PAGE = Path(__file__).parents[2] / "docs" / "kafka.md"


async def test_events_in_both_modes_are_accepted_and_applied(edges: Edges) -> None:
    first, second, bare = cloud_events(3)
    await edges.produce([structured(first), binary(second), structured(bare, headers=())])
    applied = await edges.all_applied([first, second, bare])
    assert len(set(applied.values())) == 3
    assert not await edges.refused()


async def test_the_same_event_by_http_and_by_kafka_has_one_receipt(edges: Edges) -> None:
    first, second, last = cloud_events(3)
    async with edges.client() as client:
        by_http = await client.report(first)
        await edges.produce([binary(first), structured(first), structured(second), structured(second), binary(last)])
        applied = await edges.all_applied([first, second, last])
        again = await client.report(second)
    assert applied[first["id"]] == by_http["receipt"]
    assert applied[second["id"]] == again["receipt"]
    assert await edges.pool.fetchval("SELECT count(*) FROM journal") == 3
    assert not await edges.refused()


async def test_poison_is_answered_by_offset_and_the_next_good_record_is_accepted(edges: Edges) -> None:
    first, other, changed, last = cloud_events(4)
    foreign = other | {"source": "urn:tenfold:health:birth-certificates"}
    not_ours = other | {"type": "cn.tenfold.marriage.registered.v1"}
    unknown = other | {"type": "cn.tenfold.weather.observed.v1"}
    surplus = other | {"data": other["data"] | {"quota": 1}}
    undecodable = binary(other)
    poison: list[tuple[Message, int, bool]] = [
        (Message(b"not JSON at all"), 422, True),
        (Message(b'{"specversion": "1.0", "id": "\xff"}', headers=CLOUD_EVENTS), 422, True),
        (Message(b"x" * 1_000_000), 413, True),
        (Message(b"\x00\x01avro", headers=(("content-type", b"application/avro"),)), 415, True),
        (Message(b"[1]", headers=(("content-type", b"application/cloudevents-batch+json"),)), 415, True),
        (Message(undecodable.value, headers=(*undecodable.headers, ("ce_subject", b"twice"))), 422, True),
        (Message(undecodable.value, headers=(*undecodable.headers, ("ce_tracestate", b"\xff"))), 422, True),
        (Message(b"[]"), 422, False),
        (Message(b"{}"), 422, False),
        (Message(b"{" * 50_000), 422, True),
        (structured(foreign), 403, False),
        (structured(not_ours), 403, False),
        (structured(unknown), 422, False),
        (structured(surplus), 422, False),
        (binary(surplus), 422, False),
        (structured(changed | {"id": first["id"]}), 409, False),
    ]
    sent = await edges.produce([structured(first), *(message for message, _, _ in poison), structured(last)])
    applied = await edges.all_applied([first, last])
    assert applied.keys() == {first["id"], last["id"]}
    refused = await edges.refused()
    expected = {place.offset: status for place, (_, status, _) in zip(sent[1:-1], poison, strict=True)}
    assert {offset: told["problem"]["status"] for offset, told in refused.items()} == expected
    assert {told["partition"] for told in refused.values()} == {0}
    assert refused[sent[14].offset]["problem"]["faults"] == [
        {"pointer": "/data/quota", "message": "is not part of the contract"}
    ]

    rows = await edges.pool.fetch("SELECT origin, body FROM parked ORDER BY parked_id")
    assert {row["origin"] for row in rows} == {edges.intake()}
    ring = edges.app.state.service.ring
    kept = [json.loads(unseal(ring, "parked", row["body"], edges.intake().encode())) for row in rows]
    unreadable = [message.value or b"" for message, _, unread in poison if unread]
    assert [base64.b64decode(record["value"]) for record in kept] == unreadable


async def test_a_null_value_is_refused_and_deletes_nothing(edges: Edges) -> None:
    first, last = cloud_events(2)
    await edges.produce([structured(first)])
    sent = await send_null(edges.kafka, edges.intake(), key=b"110101199003070011")
    await edges.produce([structured(last)])
    await edges.all_applied([first, last])
    [(offset, told)] = (await edges.refused()).items()
    assert offset == sent
    assert told["problem"]["type"] == "/errors#invalid"
    assert await edges.pool.fetchval("SELECT count(*) FROM parked") == 0


async def test_the_answer_comes_in_the_language_the_record_asks_for(edges: Edges) -> None:
    asking = (("accept-language", b"zh-CN"),)
    [sent] = await edges.produce([Message(b"nothing", headers=asking)])
    refused = await until(edges.refused, "the refusal")
    assert refused[sent.offset]["problem"]["faults"] == [{"pointer": "", "message": "不是有效的 JSON"}]


async def test_the_feed_topic_holds_every_position_once_in_order_as_http_has_it(edges: Edges) -> None:
    reported = cloud_events(60)
    await edges.produce([structured(each) for each in reported])
    await edges.produce([Message(b"poison")])
    await edges.all_applied(reported)
    told = await edges.told()
    records = await edges.published_all()
    assert positions(records) == [entry["position"] for entry in told]
    assert [json.loads(record.value or b"") for record in records] == [entry["data"] for entry in told]
    assert {record.key for record in records} == {None}
    assert {record.header("content-type") for record in records} == {b"application/cloudevents+json"}
    async with edges.client() as client:
        page = await client.get("/v1/feed", limit=1)
    assert {str(cursor.epoch) for record in records if (cursor := cursor_of(record))} == {page["epoch"]}


async def test_another_departments_topics_hold_nothing_of_it(edges: Edges) -> None:
    reported = cloud_events(3)
    await edges.produce([structured(reported[0])], "health")
    await edges.produce([structured(each) for each in reported[1:]])
    await edges.all_applied(reported[1:])
    [told] = (await until(lambda: edges.refused("health"), "the refusal")).values()
    assert told["problem"]["type"] == "/errors#not-your-type"
    records = await edges.published_all("health")
    ids = {each["subject"] for each in map(json.loads, (record.value or b"" for record in records))}
    assert ids == {f"{edges.intake('health')}/0/0"}


async def test_what_was_withheld_or_is_too_large_keeps_its_position_in_the_topic(edges: Edges) -> None:
    await ensure_topics(edges.kafka, [Topic(edges.feed("human-resources"))])
    await limit_messages(edges.kafka, edges.feed("human-resources"), 1500)
    many_faults = {"specversion": "1.0", **{uuid4().hex: 1 for _ in range(90)}}  # names that cannot be compressed
    await edges.produce(
        [Message(b"one"), Message(json.dumps(many_faults).encode()), Message(b"two")], "human-resources"
    )
    await until(lambda: _count(edges, "human-resources", 3), "three refusals")
    records = await edges.published_all("human-resources")
    told = await edges.told("human-resources")
    assert positions(records) == [1, 2, 3]
    assert json.loads(records[1].value or b"") == {"position": 2, "too_large": True}
    assert json.loads(records[2].value or b"") == told[2]["data"]
    rows = await edges.pool.fetch("SELECT origin, fault FROM parked WHERE origin = $1", edges.feed("human-resources"))
    assert [tuple(row) for row in rows] == [(edges.feed("human-resources"), "too-large")]

    feed = department_feed("human-resources")
    await edges.pool.execute("UPDATE feed_entry SET body = NULL WHERE feed = $1 AND position = 1", feed)
    async with edges.client("human-resources") as client, edges.follower(client, "human-resources") as follower:
        entries = (await follower.read(5)).entries
        while len(entries) < 3:
            entries += (await follower.read(5)).entries
    assert [entry.position for entry in entries] == [1, 2, 3]
    assert json.loads(bytes(entries[1].data)) == told[1]["data"], "the stub's entry was pulled over HTTP"


async def _count(edges: Edges, department: str, wanted: int) -> bool:
    return len(await edges.told(department)) >= wanted


async def test_a_follower_is_given_every_entry_once_and_asks_over_http_for_a_lost_last_record(edges: Edges) -> None:
    reported = cloud_events(20)
    await edges.produce([structured(each) for each in reported])
    await edges.all_applied(reported)
    told = await edges.told()
    await edges.published_all()
    async with edges.client() as client:
        async with edges.follower(client) as follower:
            entries: list[FeedEntry] = []
            while len(entries) < len(told):
                entries += (await follower.read()).entries
            assert [(str(entry.id), json.loads(bytes(entry.data))) for entry in entries] == [
                (entry["id"], entry["data"]) for entry in told
            ]
            assert follower.pulled == 0
            cursor = follower.cursor
        # A topic that never gets the last records: all comes over HTTP, and goes on after the stored cursor.
        await ensure_topics(edges.kafka, [Topic(edges.feed("nobody"))])
        async with edges.follower(client, "nobody", head_seconds=0.1) as late:
            entries = []
            while len(entries) < len(told):
                entries += (await late.read(0.1)).entries
            assert (late.pulled, late.cursor) == (len(told), cursor)


async def test_readiness_says_whether_the_broker_answers_and_never_depends_on_it(edges: Edges) -> None:
    async with edges.client() as client:
        assert await client.get("/readyz") == {"status": "ready", "broker": "reachable"}


@pytest.mark.parametrize("department", [SECURITY, "health"])
async def test_positions_are_stored_with_the_last_record_handled(edges: Edges, department: str) -> None:
    await edges.produce([Message(b"poison"), Message(b"more")], department)
    await until(lambda: _count(edges, department, 2), "two refusals")
    row = await edges.pool.fetchrow("SELECT * FROM kafka_position WHERE topic = $1", edges.intake(department))
    assert row is not None
    assert (row["partition"], row["record_offset"], len(row["fingerprint"])) == (0, 1, 16)


def example_of(edges: Edges, number: int) -> list[str]:
    """The command that runs a Python example of the page for departments, at this line's addresses."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    found: str = [each for each in blocks if "asyncio.run(" in each][number]
    for written, here in (
        ("127.0.0.1:9092", edges.broker.bootstrap),
        ("http://127.0.0.1:8101", edges.url),
        ("tenfold.intake.public-security", edges.intake()),
        ("tenfold.feed.public-security", edges.feed()),
    ):
        found = found.replace(written, here)
    return [sys.executable, "-u", "-c", found]


async def test_the_examples_of_the_page_for_departments_work(edges: Edges) -> None:
    programs = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(PAGE.parents[1])}
    token = edges.issuer.issue(subject="test", department=SECURITY, roles=("follower",), ttl=timedelta(minutes=5))
    environment = {**os.environ, **programs, "TENFOLD_TOKEN": token}
    reporting = await asyncio.create_subprocess_exec(*example_of(edges, 0), env=environment)
    assert await reporting.wait() == 0
    await until(edges.applied, "the example applied")
    following = await asyncio.create_subprocess_exec(*example_of(edges, 1), env=environment, stdout=PIPE)
    try:
        assert following.stdout is not None
        async with asyncio.timeout(60):
            position, _, entry = (await following.stdout.readline()).decode().partition(" ")
    finally:
        following.kill()
        await following.communicate()
    assert (position, json.loads(entry)) == ("1", (await edges.told())[0]["data"])
