"""Ending an agreement reaches a department's topic: what it held is deleted, and the feed is published anew."""

import json
import time

from shared.client import Client
from shared.kafka.feed_records import cursor_of
from shared.kafka.values import Record
from tests.edges_world import SECURITY, Edges, cloud_events, positions

pytest_plugins = ["tests.kafka", "tests.edges"]

WITHIN_SECONDS = 15.0  # the promise is five; the machine of the tests is shared


async def test_ending_agreements_empties_the_topic_of_what_they_granted_and_begins_it_anew(edges: Edges) -> None:
    events = cloud_events(3)
    async with edges.client() as client:
        for event in events:
            await client.report(event)
    await edges.all_applied(events)
    before = await edges.published_all()
    names = [event["data"]["person"]["name"] for event in events]
    assert all(any(name in (record.value or b"").decode() for record in before) for name in names)
    old = {str(found.epoch) for record in before if (found := cursor_of(record))}

    began = time.monotonic()
    token = edges.issuer.issue(subject="test", department=SECURITY, roles=("reviewer",))
    async with Client(edges.url, token) as reviewer:
        for identifier in ("public-security-own-people", "public-security-register"):
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
