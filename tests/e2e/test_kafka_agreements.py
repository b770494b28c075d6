"""Ending an agreement reaches a department's topic: what it held is deleted, and the feed is published anew."""

import json
import time

from shared.client import Client
from shared.kafka.consumer import TopicReader
from shared.kafka.feed_records import cursor_of
from shared.kafka.topics import subscription_topic
from shared.kafka.values import Record
from tests.edges_world import SECURITY, Edges, cloud_events, positions
from tests.line import until

pytest_plugins = ["tests.kafka", "tests.edges"]

WITHIN_SECONDS = 15.0  # the promise is five; the machine of the tests is shared


async def test_ending_agreements_empties_the_topic_of_what_they_granted_and_begins_it_anew(edges: Edges) -> None:
    events = cloud_events(3)
    async with edges.client() as client:
        answer = await client.http.put("/v1/subscriptions/people", json={"kind": "kafka", "types": ["person.changed"]})
        assert answer.status_code == 201, answer.text
        for event in events:
            await client.report(event)
    await edges.all_applied(events)
    before = await edges.published_all()
    names = [event["data"]["person"]["name"] for event in events]
    assert all(any(name in (record.value or b"").decode() for record in before) for name in names)
    people = subscription_topic(SECURITY, "people", edges.prefix)
    told = await held(edges, people, len(names))
    assert all(any(name in text for text in told) for name in names)
    old = {str(found.epoch) for record in before if (found := cursor_of(record))}

    began = time.monotonic()
    token = edges.issuer.issue(subject="test", department=SECURITY, roles=("reviewer",))
    async with Client(edges.url, token) as reviewer:
        for identifier in ("public-security-identity-review", "public-security-own-people", "public-security-register"):
            await reviewer.post(f"/v1/agreements/{identifier}/end", {"reason": "协议到期不再续签"})

    def begun_anew(records: list[Record]) -> bool:
        epochs = {str(found.epoch) for record in records if (found := cursor_of(record))}
        return len(epochs) == 1 and not epochs & old and positions(records)[-1] == positions(before)[-1]

    after = await edges.published(begun_anew)
    assert time.monotonic() - began < WITHIN_SECONDS
    assert sorted(set(positions(after))) == sorted(set(positions(before))), "positions stay dense"
    withheld = [record for record in after if json.loads(record.value or b"{}").get("withheld")]
    assert len(withheld) >= len(events)
    assert not any(name in (record.value or b"").decode() for record in after for name in names)
    # The same holds for the topic of a subscription.
    await until(lambda: emptied(edges, people, names), "nothing is left in the subscription's topic")


async def held(edges: Edges, topic: str, count: int) -> list[str]:
    """The values of a topic, when it has so many."""
    values: list[str] = []
    async with TopicReader(edges.kafka, topic, {}) as reader:

        async def come() -> bool:
            values.extend((record.value or b"").decode() for record in await reader.read_batch(timeout=0.2))
            return len(values) >= count

        await until(come, f"{count} records of {topic}")
    return values


async def emptied(edges: Edges, topic: str, names: list[str]) -> bool:
    """Whether a topic that was begun anew holds none of the names."""
    values = await held(edges, topic, 1)
    return not any(name in text for text in values for name in names)
