"""Protecting somebody reaches topics: where they live is deleted from what was published, within seconds."""

import json
import time
from datetime import timedelta

from shared import clock
from shared.client import Client
from shared.kafka.values import Record
from tests.edges_world import Edges, cloud_events, positions

pytest_plugins = ["tests.kafka", "tests.edges"]

WITHIN_SECONDS = 15.0  # the promise is five; the machine of the tests is shared


async def test_protecting_somebody_empties_topics_of_where_they_live(edges: Edges) -> None:
    hers, *_ = events = cloud_events(3)
    hers["data"]["household"]["number"] = house = "HHProtTopicQx"
    async with edges.client() as client:
        for event in events:
            await client.report(event)
    await edges.all_applied(events)
    before = await edges.published_all()
    assert house in text_of(before)

    began = time.monotonic()
    token = edges.issuer.issue(
        subject="official-1", department="civil-affairs", roles=("clerk",), purpose="vital-registration"
    )
    number = hers["data"]["person"]["identifiers"][0]
    body = {
        "identifier": {"type": number["type"], "value": number["value"]},
        "ground": "adoption",
        "reason": "The adoption is secret.",
        "review_by": str(clock.today() + timedelta(days=365)),
    }
    async with Client(edges.exchange_settings.registry_url, token) as civil:
        answer = await civil.http.put("/v1/protections", json=body)
        assert answer.status_code == 200, answer.text

    def begun_anew(records: list[Record]) -> bool:
        told = positions(records)
        return bool(told) and told[-1] > positions(before)[-1] and house not in text_of(records)

    after = await edges.published(begun_anew)
    assert time.monotonic() - began < WITHIN_SECONDS
    assert sorted(set(positions(after)))[: len(set(positions(before)))] == sorted(set(positions(before))), "dense"
    assert hers["data"]["person"]["name"] in text_of(after), "everything else stands"
    withdrawn = [
        body for record in after if "value.withdrawn" in (body := json.loads(record.value or b"{}")).get("type", "")
    ]
    assert [set(each["data"]["withdrawn"]) for each in withdrawn] == [
        {"registered_area", "household_number", "relation_to_head", "residence"}
    ]


def text_of(records: list[Record]) -> str:
    """All values of a topic."""
    return "\n".join((record.value or b"").decode() for record in records)
