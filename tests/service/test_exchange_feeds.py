"""Who may follow which feed of the exchange: departments their own, the registry the accepted events, nobody else."""

import json
from uuid import uuid4

import pytest

from services.exchange.feeds.names import department_feed
from shared.auth.caller import DEPARTMENTS
from shared.db import transaction
from shared.feed.values import NewEntry
from tests.exchange_world import Exchange, registration

pytest_plugins = ["tests.exchange"]


async def tell(exchange: Exchange, department: str) -> str:
    """An entry on a department's feed; its id."""
    entry_id = uuid4()
    async with transaction(exchange.service.pool) as connection:
        body = json.dumps({"told": department}).encode()
        await exchange.service.feeds.append(connection, department_feed(department), [NewEntry(entry_id, body)])
    return str(entry_id)


async def test_each_department_reads_its_own_feed_and_no_other(exchange: Exchange) -> None:
    told = {department: await tell(exchange, department) for department in sorted(DEPARTMENTS)}
    cursors = {}
    for department, entry_id in told.items():
        page = (await exchange.http.get("/v1/feed", headers=exchange.headers(department))).json()
        assert [(entry["id"], entry["data"]) for entry in page["entries"]] == [(entry_id, {"told": department})]
        cursors[department] = page["next_after"]
    assert len({cursor.partition(":")[0] for cursor in cursors.values()}) == len(DEPARTMENTS)
    foreign = {"after": cursors["health"]}
    answer = await exchange.http.get("/v1/feed", params=foreign, headers=exchange.headers("education"))
    assert answer.status_code == 409


async def test_no_department_reaches_a_feed_by_name(exchange: Exchange) -> None:
    for feed in ("vital-events", "department:health", "department%3Ahealth", "changes"):
        for headers in (exchange.headers("health"), exchange.headers("health", roles=["administrator", "follower"])):
            answer = await exchange.http.get(f"/v1/feeds/{feed}", headers=headers)
            assert answer.status_code == 403, feed


@pytest.mark.parametrize("service", ["exchange", "alerts"])
async def test_other_services_than_the_registry_do_not_read_accepted_events(exchange: Exchange, service: str) -> None:
    await exchange.post(registration("a"))
    answer = await exchange.http.get(
        "/v1/feeds/vital-events", headers=exchange.headers(None, service=service, roles=())
    )
    assert answer.status_code == 403


async def test_the_registry_reads_every_accepted_event_once_over_all_partitions(exchange: Exchange) -> None:
    await exchange.post_batch([registration(f"n{n}", n) for n in range(40)])
    headers = exchange.headers(None, service="registry", roles=())
    found: dict[str, str] = {}
    for partition in range(5):
        page = (
            await exchange.http.get("/v1/feeds/vital-events", params={"partition": partition}, headers=headers)
        ).json()
        assert [entry["position"] for entry in page["entries"]] == list(range(1, page["head"] + 1))
        for entry in page["entries"]:
            assert entry["data"]["department"] == "public-security"
            found[entry["data"]["event"]["id"]] = entry["id"]
    receipts = (await exchange.http.get("/v1/receipts", headers=exchange.headers())).json()["receipts"]
    assert found == {each["id"]: each["receipt"] for each in receipts}
    assert len(found) == 40


async def test_events_of_one_person_stand_in_one_partition_however_the_number_is_written(exchange: Exchange) -> None:
    # Sequence 19 of this area and day has the check character X.
    upper = next(registration("up", n) for n in range(1000) if number_of(registration("up", n)).endswith("X"))
    lower = json.loads(json.dumps(upper | {"id": "low"}).replace(number_of(upper), number_of(upper).lower()))
    assert [r["code"] for r in await exchange.post_batch([upper, lower])] == [202, 202]
    rows = await exchange.service.pool.fetch("SELECT DISTINCT partition FROM journal")
    assert len(rows) == 1


def number_of(event: dict[str, object]) -> str:
    """The identity number an event speaks of."""
    number: str = event["data"]["person"]["identifiers"][0]["value"]  # type: ignore[index]
    return number


async def test_unknown_feeds_and_partitions_are_not_found_and_no_number_breaks_us(exchange: Exchange) -> None:
    headers = exchange.headers(None, service="registry", roles=())
    for path, status in (
        ("vital-events?partition=5", 404),
        ("vital-events?partition=32767", 404),
        ("vital-events?partition=32768", 422),
        ("vital-events?partition=-1", 422),
        ("vital-events?partition=99999999999999999999", 422),
        ("nothing", 404),
        ("%00", 404),
    ):
        answer = await exchange.http.get(f"/v1/feeds/{path}", headers=headers)
        assert answer.status_code == status, (path, answer.text)
