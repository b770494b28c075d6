"""Bulk corrections: under a batch id, in a lane of their own, counted for whoever sent them and for nobody else."""

import asyncio
import json
from typing import Any

import pytest

from services.exchange.intake.journal import BULK
from services.exchange.intake.kafka_transport import message_of
from shared.kafka.values import Record
from tests.departments_world import Line
from tests.exchange_world import Exchange, Json, binary
from tests.histories import OTHER_TOWN, TOWN, household, person
from tests.registry_world import CloudEvent, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY = "public-security"


def settled(id_: str, sequence: int, area: str = TOWN, **more: Any) -> CloudEvent:
    data = {"person": person(sequence), **household(area, number_=f"H{sequence}")}
    return says("household.registered", id_, data, "2024-02-20", **more)


def corrected(sequence: int, batch: str | None = "spring-2024", **more: Any) -> CloudEvent:
    """A correction of the registration of that person, of a bulk load."""
    event = settled(f"c{sequence}", sequence, OTHER_TOWN, action="corrected", of=f"h{sequence}", minute=1)
    return event | ({"batchid": batch} if batch else {}) | more


async def get(exchange: Exchange, path: str, department: str = SECURITY, **query: Any) -> Any:
    return await exchange.http.get(path, params=query, headers=exchange.headers(department))


async def lanes(exchange: Exchange) -> dict[str, int]:
    """The partition of each accepted event, by its id."""
    return {
        row["id"]: row["partition"] for row in await exchange.service.pool.fetch("SELECT id, partition FROM journal")
    }


async def test_events_of_a_bulk_load_are_counted_together_and_take_their_own_lane(line: Line) -> None:
    await line.report(*(settled(f"h{n}", n) for n in range(1, 5)))
    results = await line.exchange.post_batch([corrected(n) for n in (1, 2, 3, 99)])
    assert [result["code"] for result in results] == [202] * 4
    await line.report(corrected(4, None))
    found = await lanes(line.exchange)
    assert {id_: partition == BULK for id_, partition in found.items()} == {
        **{f"h{n}": False for n in range(1, 5)},
        **{f"c{n}": True for n in (1, 2, 3, 99)},
        "c4": False,
    }
    told = (await get(line.exchange, "/v1/batches/spring-2024")).json()
    counts = {name: told[name] for name in ("batch", "reported", "accepted", "applied", "held", "rejected")}
    assert counts == {"batch": "spring-2024", "reported": 4, "accepted": 0, "applied": 3, "held": 1, "rejected": 0}
    assert told["first_at"] <= told["last_at"] <= told["last_settled_at"]
    assert (await get(line.exchange, "/v1/batches")).json() == {"batches": [told], "next_after": None}
    receipts = (await get(line.exchange, "/v1/receipts", batch="spring-2024")).json()["receipts"]
    assert sorted(each["id"] for each in receipts) == ["c1", "c2", "c3", "c99"]
    (waiting,) = (await get(line.exchange, "/v1/receipts", batch="spring-2024", status="held")).json()["receipts"]
    assert (waiting["id"], waiting["reason"], waiting["decider"]) == (
        "c99",
        "superseded-not-arrived",
        "reporting department",
    )
    assert waiting["due"]


async def test_the_registry_is_told_the_batch(exchange: Exchange) -> None:
    await exchange.post(settled("h1", 1))
    await exchange.post(corrected(1))
    headers = exchange.headers(None, service="registry", roles=())
    entries: list[Json] = []
    for partition in range(BULK + 1):
        page = (await exchange.http.get(f"/v1/feeds/vital-events?partition={partition}", headers=headers)).json()
        entries += [entry["data"] for entry in page["entries"]]
    assert {entry["event"]["id"]: entry.get("batch") for entry in entries} == {"h1": None, "c1": "spring-2024"}
    assert all("batchid" not in entry["event"] for entry in entries), "how it travels is no part of what it says"


async def test_ordinary_events_do_not_wait_behind_a_bulk_load_that_stands_still(line: Line) -> None:
    await line.report(*(settled(f"h{n}", n) for n in range(1, 6)))
    await line.exchange.post_batch([corrected(n) for n in (1, 2, 3)])
    ours = line.registry.service.pool
    *ordinary, bulk = line.folding
    async with ours.acquire() as holder:
        holding = holder.transaction()
        await holding.start()
        await holder.execute("SELECT FROM person FOR UPDATE")  # those of the load, and everyone else known by then
        standing = asyncio.create_task(bulk.step())
        await blocked(ours)
        await line.exchange.post(settled("h7", 7))
        await line.exchange.post(settled("h8", 8))
        while sum([await follower.step() for follower in [*ordinary, line.distributing]]):
            pass
        applied = (await get(line.exchange, "/v1/receipts", status="applied", limit=100)).json()["receipts"]
        assert {"h7", "h8"} <= {each["id"] for each in applied}
        assert not standing.done()
        told = (await get(line.exchange, "/v1/batches/spring-2024")).json()
        assert (told["accepted"], told["applied"], told["last_settled_at"]) == (3, 0, None)
        await holding.rollback()
    await standing
    await line.rest()
    assert (await get(line.exchange, "/v1/batches/spring-2024")).json()["applied"] == 3


async def blocked(pool: Any) -> None:
    """Wait until somebody waits for a lock on a row."""
    waits = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"
    )
    async with asyncio.timeout(10):
        while not await pool.fetchval(waits):
            pass


async def test_batches_are_paged_by_id_and_belong_to_one_department(exchange: Exchange) -> None:
    names = ["2024-01", "2024-02", "A", "a.b", "z_9"]
    for place, name in enumerate(names):
        await exchange.post_batch([corrected(10 * place + n, name) for n in range(place + 1)])
    whole = (await get(exchange, "/v1/batches", limit=100)).json()
    assert sorted(each["batch"] for each in whole["batches"]) == sorted(names)
    assert {each["batch"]: each["accepted"] for each in whole["batches"]} == {n: p + 1 for p, n in enumerate(names)}
    for limit in (1, 2, 5):
        found: list[Json] = []
        after: dict[str, str] = {}
        while True:
            page = (await get(exchange, "/v1/batches", limit=limit, **after)).json()
            found += page["batches"]
            if page["next_after"] is None:
                break
            after = {"after": page["next_after"]}
        assert found == whole["batches"], limit
    assert (await get(exchange, "/v1/batches", "health")).json() == {"batches": [], "next_after": None}
    foreign, unknown = (
        await get(exchange, "/v1/batches/2024-01", "health"),
        await get(exchange, "/v1/batches/never", "health"),
    )
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    for wrong in ("a b", "x" * 65, "a,b"):
        assert (await get(exchange, f"/v1/batches/{wrong}")).status_code == 422
        assert (await get(exchange, "/v1/batches", after=wrong)).status_code == 422


@pytest.mark.parametrize("batch", ["", "x" * 65, "a b", "年", "11010519491231002X", 7, ["a"]])
async def test_a_batch_id_of_another_form_is_refused_by_its_place(exchange: Exchange, batch: object) -> None:
    answer = await exchange.post(corrected(1) | {"batchid": batch})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["faults"]] == ["/batchid"]
    assert await exchange.accepted() == 0


async def test_what_is_reported_for_the_first_time_cannot_be_part_of_a_bulk_load(exchange: Exchange) -> None:
    for answer in (
        await exchange.post(settled("h1", 1) | {"batchid": "b"}, accept_language="en"),
        await exchange.post_binary(settled("h1", 1) | {"batchid": "b"}),
    ):
        assert answer.status_code == 422
        assert answer.json()["faults"] == [
            {"pointer": "/batchid", "message": "stands with corrections and annulments only"}
        ]
    chinese = await exchange.post(settled("h1", 1) | {"batchid": "b"}, accept_language="zh")
    assert chinese.json()["faults"][0]["message"] == "仅可用于更正或撤销"


async def test_the_batch_id_is_no_part_of_the_content_and_the_first_one_stands(exchange: Exchange) -> None:
    first = await exchange.post(corrected(1, "one"))
    again = [await exchange.post(corrected(1, batch)) for batch in ("two", None, "one")]
    binary = await exchange.post_binary(corrected(1, "three"))
    assert [each.status_code for each in (first, *again, binary)] == [202, 200, 200, 200, 200]
    assert {each.json()["receipt"] for each in (first, *again, binary)} == {first.json()["receipt"]}
    assert [each["batch"] for each in (await get(exchange, "/v1/batches")).json()["batches"]] == ["one"]
    assert await exchange.accepted() == 1


async def test_a_record_of_a_topic_names_its_batch_in_a_header_or_in_its_value(exchange: Exchange) -> None:
    event = corrected(1)
    attributes, data = binary(event)
    headers = tuple((name.replace("ce-", "ce_"), value.encode()) for name, value in attributes.items())
    for record in (
        Record(0, 1, 0, None, data, headers),
        Record(0, 2, 0, None, json.dumps(event).encode(), ()),
    ):
        assert exchange.app.state.intake.judge(message_of(record), SECURITY).envelope.batchid == "spring-2024"
