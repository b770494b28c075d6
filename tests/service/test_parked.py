"""What could not be handled: listed for administrators, tried again once, settled or parked under its new fault."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from services.exchange.intake.kafka_parked import kept
from services.registry.sharing.handlers import Sharing
from shared.db import transaction
from shared.feed import parked
from shared.feed.follow import FeedEntry
from shared.kafka.topics import feed_topic, intake_topic
from shared.kafka.values import Headers, Record
from tests.departments_world import Line
from tests.exchange_world import Exchange, Json, binary, registration
from tests.histories import household, person
from tests.registry_world import LookUpWorld, RegistryWorld, agreements_told, entry_of, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY = "public-security"
EVENT = says("household.registered", "h1", {"person": person(1, "Li Wei"), **household()}, "2024-02-20")


async def listed(exchange: Exchange, **query: Any) -> list[Json]:
    answer = await exchange.http.get("/v1/parked", params=query, headers=administrator(exchange))
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["parked"]
    return found


def administrator(world: Exchange) -> dict[str, str]:
    return world.headers(None, roles=("administrator",))


async def retry(exchange: Exchange, parked_id: object) -> Any:
    return await exchange.http.post(f"/v1/parked/{parked_id}/retry", headers=administrator(exchange))


async def park(exchange: Exchange, origin: str, body: bytes, fault: str = "ValueError") -> UUID:
    """Something of that origin could not be handled."""
    async with transaction(exchange.service.pool) as connection:
        return await parked.park(connection, exchange.service.ring, origin, uuid4(), body, fault)


def produced(event: Json, headers: Headers = ()) -> Record:
    return Record(0, 7, 0, None, msgspec.json.encode(event), headers)


async def test_what_is_parked_is_listed_page_by_page_and_by_origin(exchange: Exchange) -> None:
    ids = [str(await park(exchange, f"feed-{n % 2}", b"{}")) for n in range(5)]
    assert [each["parked_id"] for each in await listed(exchange)] == ids
    for limit in (1, 2, 5):
        found: list[str] = []
        after: dict[str, str] = {}
        while True:
            query = {"limit": str(limit), **after}
            page = (await exchange.http.get("/v1/parked", params=query, headers=administrator(exchange))).json()
            found += [each["parked_id"] for each in page["parked"]]
            if page["next_after"] is None:
                break
            after = {"after": page["next_after"]}
        assert found == ids
    assert [each["parked_id"] for each in await listed(exchange, origin="feed-1")] == ids[1::2]
    assert await listed(exchange, origin="nothing") == []
    assert set((await listed(exchange))[0]) == {"parked_id", "origin", "entry_id", "fault", "parked_at"}, "no bodies"
    for wrong in ({"limit": 0}, {"after": "x"}, {"origin": ""}):
        answer = await exchange.http.get("/v1/parked", params=wrong, headers=administrator(exchange))
        assert answer.status_code == 422


async def test_an_entry_that_broke_our_code_is_handled_once_that_is_repaired(line: Line) -> None:
    """The exchange cannot take an outcome while its table refuses it."""
    pool = line.exchange.service.pool
    await pool.execute(
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
        CREATE TRIGGER refuse BEFORE INSERT ON outcome FOR EACH ROW EXECUTE FUNCTION refuse()"""
    )
    await line.exchange.post(EVENT, SECURITY)
    for follower in (*line.folding, line.distributing):
        await follower.step()
    (waiting,) = await listed(line.exchange)
    assert (waiting["origin"], waiting["fault"]) == ("changes", "RaiseError")
    failing = await retry(line.exchange, waiting["parked_id"])
    assert (failing.status_code, failing.json()["type"]) == (409, "/errors#still-failing")
    assert (failing.json()["origin"], failing.json()["fault"]) == ("changes", "RaiseError")
    assert await listed(line.exchange) == [waiting], "it stays where it was"
    await pool.execute("DROP TRIGGER refuse ON outcome")
    answers = await asyncio.gather(*(retry(line.exchange, waiting["parked_id"]) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[404] * 7]
    assert await listed(line.exchange) == []
    headers = line.exchange.headers(SECURITY)
    (receipt,) = (await line.exchange.http.get("/v1/receipts", headers=headers)).json()["receipts"]
    assert receipt["status"] == "applied"
    assert len(await line.feed(SECURITY, "receipt.changed")) == 1
    assert receipt["settled_at"] < waiting["parked_at"], "as of when the registry said so"


async def test_a_new_fault_takes_the_place_of_the_old_one(exchange: Exchange) -> None:
    parked_id = await park(exchange, "changes", msgspec.json.encode(FeedEntry(1, uuid4(), data=msgspec.Raw(b"{}"))))
    answer = await retry(exchange, parked_id)
    assert (answer.status_code, answer.json()["fault"]) == (409, "ValueError")
    bare = await park(exchange, "changes", b'{"kind":"never heard of"}', "OldFault")
    again = await retry(exchange, bare)
    assert (again.status_code, again.json()["fault"]) != (409, "OldFault")
    assert [each["fault"] for each in await listed(exchange)] == ["ValueError", again.json()["fault"]]
    assert (await retry(exchange, uuid4())).status_code == 404


async def test_what_has_a_call_of_its_own_is_named(exchange: Exchange) -> None:
    for origin, call in (
        (f"subscription:{SECURITY}/hook", "/v1/subscriptions/{name}/retry"),
        (feed_topic(SECURITY), "/v1/feed"),
    ):
        answer = await retry(exchange, await park(exchange, origin, b"{}"))
        assert (answer.status_code, answer.json()["type"]) == (409, "/errors#retried-elsewhere")
        assert call in answer.json()["detail"]
        assert answer.json()["origin"] == origin
    assert len(await listed(exchange)) == 2


async def test_a_record_of_an_intake_topic_goes_through_the_intake_in_either_mode(exchange: Exchange) -> None:
    attributes, data = binary(registration("b", 2))
    headers = tuple((name.replace("ce-", "ce_"), value.encode()) for name, value in attributes.items())
    records = [produced(registration("a")), Record(0, 8, 0, None, data, headers)]
    for record in records:
        answer = await retry(exchange, await park(exchange, intake_topic(SECURITY), kept(record), "internal"))
        assert (answer.status_code, answer.json()["status"]) == (200, "settled")
    rows = await exchange.service.pool.fetch("SELECT id, department FROM journal ORDER BY id")
    assert [tuple(row) for row in rows] == [("a", SECURITY), ("b", SECURITY)]
    before = await park(exchange, intake_topic(SECURITY), msgspec.json.encode(registration("c", 3)), "internal")
    assert (await retry(exchange, before)).status_code == 200, "parked before headers were kept"
    assert await exchange.accepted() == 3


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (produced(registration("a", type="cn.tenfold.birth.certified.v1")), "not-your-type"),
        (Record(0, 7, 0, None, b"{", ()), "invalid"),
        (produced(registration("taken", 5)), "same-id-other-content"),
    ],
)
async def test_a_record_that_the_intake_refuses_stays_parked_with_the_reason(
    exchange: Exchange, record: Record, fault: str
) -> None:
    await exchange.post(registration("taken", 4))
    parked_id = await park(exchange, intake_topic(SECURITY), kept(record))
    answer = await retry(exchange, parked_id)
    assert (answer.status_code, answer.json()["fault"]) == (409, fault)
    assert [each["fault"] for each in await listed(exchange)] == [fault]
    assert await exchange.accepted() == 1


async def test_the_registry_tries_its_own_again(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    service = registry.service
    good = entry_of(EVENT)
    bodies: Sequence[bytes] = [msgspec.json.encode(good), bytes(good.data), b'{"kind":"retry"}']
    async with transaction(service.pool) as connection:
        first = await parked.park(connection, service.ring, "vital-events", good.id, bodies[0], "KeyError")
        second = await parked.park(connection, service.ring, "vital-events", good.id, bodies[1], "KeyError")
        third = await parked.park(connection, service.ring, "sharing", uuid4(), bodies[2], "KeyError")
    token = lookups.issuer.issue(subject="test", roles=["administrator"])
    headers = {"authorization": f"Bearer {token}"}
    assert (await lookups.http.post(f"/v1/parked/{first}/retry", headers=headers)).status_code == 200
    assert await registry.outcomes(EVENT) == [("applied", None)]
    assert (await lookups.http.post(f"/v1/parked/{second}/retry", headers=headers)).status_code == 200
    assert await registry.outcomes(EVENT) == [("applied", None)], "known, and not applied twice"
    broken = await lookups.http.post(f"/v1/parked/{third}/retry", headers=headers)
    assert (broken.status_code, broken.json()["fault"]) == (409, "ValidationError")
    waiting = (await lookups.http.get("/v1/parked", headers=headers)).json()["parked"]
    assert [each["parked_id"] for each in waiting] == [str(third)]
    assert await registry.count("person") == 1


async def test_an_agreement_that_ended_is_not_brought_back_by_an_older_entry(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    service = registry.service
    entry = next(iter(agreements_told(service.settings.provisioning)))
    identifier = msgspec.json.decode(entry.data)["identifier"]
    ended = msgspec.json.decode(entry.data) | {"status": "ended"}
    assert entry.recorded_at is not None
    later = FeedEntry(900, uuid4(), entry.recorded_at + timedelta(days=1), msgspec.Raw(msgspec.json.encode(ended)))
    async with transaction(service.pool) as connection:
        await Sharing(registry.folding).handle(connection, [later])
        parked_id = await parked.park(
            connection, service.ring, "sharing", entry.id, msgspec.json.encode(entry), "ValueError"
        )
    token = lookups.issuer.issue(subject="test", roles=["administrator"])
    answer = await lookups.http.post(f"/v1/parked/{parked_id}/retry", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    stands = await service.pool.fetchval("SELECT status FROM agreement_told WHERE identifier = $1", identifier)
    assert stands == "ended"
