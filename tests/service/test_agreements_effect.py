"""What a change of an agreement does, at once: to what is told, to what was told and is read again, and to look-ups."""

import asyncio
from typing import Any

import httpx
import pytest

from services.exchange.deliveries.telling import STORE
from services.exchange.feeds.names import department_feed
from services.registry.sharing.agreements import AgreementsAsTold
from shared.auth.issuer import Issuer
from shared.feed.http import reading, stream
from shared.feed.values import Cursor
from shared.settings import PROVISIONING
from shared.sharing.authorities import Authorities
from tests.agreements_world import Hands
from tests.departments_world import Line
from tests.exchange_world import Exchange
from tests.histories import OTHER_TOWN, TOWN, household, person
from tests.registry_world import CloudEvent, looking_up, says
from tests.webhooks_world import deliveries, put, receiving, tell, worker_of, working

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

HEALTH, TRADE = "health", "market-supervision"
CERTIFICATES, VACCINATION = "health-birth-and-death-certificates", "health-child-vaccination"
Json = dict[str, Any]


def settled(id_: str, area: str = TOWN, **more: object) -> CloudEvent:
    data = {"person": person(1, "Li Wei"), **household(area)}
    return says("household.registered", id_, data, "2024-02-20", **more)  # type: ignore[arg-type]


def died(id_: str) -> CloudEvent:
    data = {"person": person(1, "Li Wei"), "certificate_number": id_}
    return says("death.certified", id_, data, "2024-05-01", department=HEALTH)


async def page(exchange: Exchange, department: str = HEALTH, **query: str) -> Json:
    headers = exchange.headers(department)
    answer = await exchange.http.get("/v1/feed", params={"limit": "1000", **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    positions = [entry["position"] for entry in found["entries"]]
    first = positions[0] if positions else 0
    assert positions == list(range(first, first + len(positions))), "positions are dense whatever is withheld"
    return found


async def fields(exchange: Exchange, department: str = HEALTH) -> list[set[str] | None]:
    """The fields of each entry about the person, oldest first; None: withheld."""
    found: list[set[str] | None] = []
    for entry in (await page(exchange, department))["entries"]:
        if entry.get("withheld"):
            found.append(None)
        elif entry["data"]["type"] == "cn.tenfold.person.changed.v1":
            found.append(set(entry["data"]["data"]["changed"]))
    return found


async def test_suspending_withholds_what_it_granted_at_once_and_resuming_shows_it_again(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(settled("h1"), died("x1"))
    before = await page(line.exchange)
    assert await fields(line.exchange) == [{"name", "birth_date", "registered_area", "residence", "died_on"}]
    await hands.does("suspend", VACCINATION)
    assert await fields(line.exchange) == [{"name", "birth_date", "died_on"}], "what another still grants stays"
    (cut,) = [e for e in (await page(line.exchange))["entries"] if e["data"]["type"].startswith("cn.tenfold.person")]
    assert cut["data"]["data"]["basis"] == [CERTIFICATES]
    await hands.does("suspend", CERTIFICATES)
    assert await fields(line.exchange) == [None]
    assert (await page(line.exchange))["entries"][0]["data"]["type"] == "cn.tenfold.receipt.changed.v1"
    assert (await page(line.exchange))["head"] == before["head"]
    await hands.does("resume", VACCINATION)
    await hands.does("resume", CERTIFICATES)
    assert (await page(line.exchange))["entries"] == before["entries"], "the same bytes under the same ids"


async def test_what_happens_under_a_suspended_agreement_is_not_written_and_is_told_later(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(settled("h1"), died("x1"))
    await hands.does("suspend", VACCINATION)
    await line.report(settled("h2", OTHER_TOWN, action="corrected", of="h1", minute=1))
    log = line.exchange.service.feeds
    async with line.exchange.service.pool.acquire() as connection:
        stored = await log.read(connection, department_feed(HEALTH), 0, None, 1000)
    assert not [entry for entry in stored.entries if OTHER_TOWN.encode() in (entry.body or b"")]
    await hands.does("resume", VACCINATION)
    await line.report(settled("h3", OTHER_TOWN, minute=2))
    assert OTHER_TOWN in str((await page(line.exchange))["entries"][-1])


async def test_ending_begins_a_new_epoch_that_never_shows_what_was_granted(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(settled("h1"), died("x1"))
    before = await page(line.exchange)
    await hands.does("end", CERTIFICATES, HEALTH)
    answer = await line.exchange.http.get(
        "/v1/feed", params={"after": before["next_after"]}, headers=line.exchange.headers(HEALTH)
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors#feed-reset")
    after = await page(line.exchange)
    assert after["epoch"] != before["epoch"]
    assert after["head"] == before["head"]
    assert await fields(line.exchange) == [{"name", "birth_date", "registered_area", "residence", "died_on"}]
    await hands.does("end", VACCINATION, HEALTH)
    assert await fields(line.exchange) == [None]


async def test_look_ups_follow_the_agreements_as_the_exchange_tells_them(line: Line, issuer: Issuer) -> None:
    hands = Hands(line.exchange)
    reported = died("x1")
    await line.report(settled("h1"), reported)
    reference = await line.registry.reference(HEALTH, reported)
    async with looking_up(line.registry, issuer) as people:

        async def look() -> httpx.Response:
            await line.rest()
            return await people.get(f"/v1/people/{reference}", HEALTH, "service-delivery")

        assert "registered_area" in (await look()).json()["fields"]
        await hands.does("suspend", VACCINATION)
        assert ((await look()).status_code, (await look()).json()["type"]) == (403, "/errors#not-agreed")
        await hands.does("resume", VACCINATION)
        assert (await look()).status_code == 200
        await hands.does("end", VACCINATION, HEALTH)
        assert (await look()).status_code == 403


async def test_a_registry_that_was_told_nothing_discloses_nothing(line: Line, issuer: Issuer) -> None:
    reported = died("x1")
    await line.report(reported)
    await line.registry.service.pool.execute("DELETE FROM agreement_told")
    async with line.registry.service.pool.acquire() as connection:
        assert list(await AgreementsAsTold(Authorities.load(PROVISIONING)).current(connection)) == []


NAME = {"changed": {"name": "王秀英"}, "basis": ["market-supervision-sole-traders"]}


async def test_a_stream_and_a_filtered_page_show_no_more_than_the_feed(exchange: Exchange) -> None:
    hands = Hands(exchange)
    await tell(exchange, 1, data=NAME, department=TRADE)
    await put(exchange, "mine", None, TRADE)

    async def streamed() -> bytes:
        service, feed = exchange.service, department_feed(TRADE)
        read = reading(service.pool, exchange.app.state.department_feeds, feed)
        parts = stream(read, service.watch, feed, None, 0.0)
        return b"".join([part async for part in parts])

    async def filtered() -> bytes:
        answer = await exchange.http.get("/v1/subscriptions/mine/feed", headers=exchange.headers(TRADE))
        return answer.content

    for read in (streamed, filtered):
        assert "王秀英".encode() in await read()
    await hands.does("suspend", "market-supervision-sole-traders")
    for read in (streamed, filtered):
        told = await read()
        assert "王秀英".encode() not in told
        assert b'{"position":1,"withheld":true}' in told


async def test_a_webhook_is_not_sent_for_what_was_withheld_since_it_was_planned(exchange: Exchange) -> None:
    hands = Hands(exchange)
    basis = {"changed": {"residence": "resident"}, "basis": ["education-school-planning"]}
    async with receiving() as receiver:
        worker = worker_of(exchange.service)
        await put(exchange, "school", receiver.url)
        (entry,) = await tell(exchange, 1, data=basis)
        subscription = await exchange.service.pool.fetchval("SELECT subscription_id FROM subscription")
        deliver = worker.deliveries
        assert await STORE.hold(deliver.service.pool, subscription, deliver.worker, worker.lease)
        assert (await deliver.plan(subscription)).what == "planned"
        await hands.does("suspend", "education-school-planning")
        claimed = await worker.claim(subscription, again=False)
        assert claimed is not None
        await deliver.attempt(subscription, claimed)
        (found,) = await deliveries(exchange, "school")
        assert (found["state"], found["attempts"][0]["outcome"], receiver.ids) == ("withheld", "withheld", [])
        await hands.does("resume", "education-school-planning")
        await worker.let_go(subscription)
        async with working(worker):
            await receiver.has(1)
        assert receiver.ids == [entry]


async def test_changes_by_sixteen_hands_at_once_leave_a_history_that_explains_how_it_stands(exchange: Exchange) -> None:
    hands = Hands(exchange)
    acts = ["suspend", "resume"] * 8
    await asyncio.gather(
        *[hands.post(f"market-supervision-sole-traders/{act}", {"reason": "x"}, TRADE) for act in acts]
    )
    found = (await hands.get("market-supervision-sole-traders")).json()["versions"][0]
    done = [each["what"] for each in found["history"] if each["what"] in ("suspended", "resumed")]
    assert done == [("suspended", "resumed")[n % 2] for n in range(len(done))], "each act found what it needs"
    assert found["standing"] == ("suspended" if len(done) % 2 else "in-force")


async def test_a_narrower_version_cuts_what_the_wider_one_told(exchange: Exchange) -> None:
    hands = Hands(exchange)
    told = {"changed": {"name": "王秀英", "died_on": "2024-05-01"}, "basis": NAME["basis"]}
    await tell(exchange, 1, data=told, department=TRADE)
    epoch = (await page(exchange, TRADE))["epoch"]
    now = (await hands.get("market-supervision-sole-traders")).json()["versions"][0]["agreement"]
    await hands.agree(now | {"fields": [each for each in now["fields"] if each != "name"]}, version=2)
    assert await fields(exchange, TRADE) == [{"died_on"}]
    assert (await page(exchange, TRADE))["epoch"] != epoch


@pytest.mark.parametrize("member", ["corrected", "changed"])
async def test_corrections_are_cut_like_everything_else_and_what_names_no_value_passes(
    exchange: Exchange, member: str
) -> None:
    hands = Hands(exchange)
    name = "value.corrected" if member == "corrected" else "person.changed"
    await tell(exchange, 1, name, {member: NAME["changed"], "basis": NAME["basis"]}, TRADE)
    for other, data in (("value.withdrawn", {"withdrawn": ["name"]}), ("person.merged", {"merged": "a", "into": "b"})):
        await tell(exchange, 1, other, data, TRADE)
    await hands.does("end", "market-supervision-sole-traders", TRADE)
    entries = (await page(exchange, TRADE))["entries"]
    assert [entry.get("withheld", False) for entry in entries] == [member == "changed", False, False]
    if member == "corrected":
        cut = entries[0]["data"]
        assert (cut["type"], cut["data"]) == ("cn.tenfold.value.withdrawn.v1", {"withdrawn": ["name"]})


async def test_positions_are_read_on_over_a_withheld_entry(exchange: Exchange) -> None:
    await tell(exchange, 3, data=NAME, department=TRADE)
    await Hands(exchange).does("suspend", "market-supervision-sole-traders")
    first = await page(exchange, TRADE, limit="1")
    assert first["next_after"] == str(Cursor(first["epoch"], 1))
    assert len((await page(exchange, TRADE, after=first["next_after"]))["entries"]) == 2
