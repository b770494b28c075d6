"""Subscriptions as their department handles them; nobody else sees that they exist, and a secret is shown once."""

import asyncio
import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.exchange.feeds.names import department_feed
from shared.auth.issuer import Issuer
from shared.client import Sender
from shared.db import transaction
from shared.feed import http
from shared.feed.values import NewEntry
from shared.subscriptions.secrets import opened
from tests.conftest import Database
from tests.exchange_world import Exchange, running, settings_for
from tests.line import until
from tests.webhooks_world import (
    all_delivered,
    always,
    call,
    deliveries,
    put,
    receiving,
    standing,
    tell,
    worker_of,
    working,
)

pytest_plugins = ["tests.exchange"]

URL = "https://hooks.example.cn/tenfold"
ACTS = ("test", "pause", "resume", "rotate", "replay", "retry")


async def test_a_subscription_is_created_shown_changed_and_deleted(exchange: Exchange) -> None:
    answer = await call(exchange, "PUT", "school", url=URL, types=["person.changed"], areas=["370102"])
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    created = answer.json()
    assert created["secret"].startswith("whsec_")
    shown = await standing(exchange, "school")
    assert shown == {name: value for name, value in created.items() if name != "secret"}
    assert (shown["url"], shown["types"], shown["areas"], shown["state"], shown["secrets"]) == (
        URL,
        ["person.changed"],
        ["370102"],
        "active",
        1,
    )
    # Again the same, or with another address: the secret stays, and is not told.
    changed = await call(exchange, "PUT", "school", url=f"{URL}2")
    assert (changed.status_code, changed.json()["secret"], changed.json()["types"]) == (200, None, [])
    await put(exchange, "archive", None)
    listed = (await call(exchange, "GET", "")).json()["subscriptions"]
    assert [each["name"] for each in listed] == ["archive", "school"]
    assert (await call(exchange, "DELETE", "school")).status_code == 204
    for again in (await call(exchange, "DELETE", "school"), await call(exchange, "GET", "school")):
        assert again.status_code == 404


async def test_one_that_pulls_has_nothing_to_send_until_it_is_given_an_address(exchange: Exchange) -> None:
    pulls = await put(exchange, "archive", None)
    assert (pulls["secret"], pulls["secrets"], pulls["url"]) == (None, 0, None)
    for act in ("test", "rotate", "replay", "retry"):
        assert (await call(exchange, "POST", f"archive/{act}")).status_code == 409, act
    assert (await put(exchange, "archive", URL))["secret"] is not None
    assert (await call(exchange, "POST", "archive/rotate")).status_code == 200
    again = await put(exchange, "archive", None)
    assert (again["secrets"], again["old_secret_until"]) == (0, None)
    assert (await put(exchange, "archive", URL))["secret"] is not None


async def test_another_departments_subscription_does_not_exist(exchange: Exchange) -> None:
    await put(exchange, "school", URL)
    before = await standing(exchange, "school")
    for path in ("school", "school/deliveries"):
        known, unknown = [await call(exchange, "GET", each, "health") for each in (path, path.replace("school", "no"))]
        assert known.status_code == 404
        assert known.json() == unknown.json()
    for act in ACTS:
        assert (await call(exchange, "POST", f"school/{act}", "health")).status_code == 404, act
    assert (await call(exchange, "DELETE", "school", "health")).status_code == 404
    assert (await call(exchange, "GET", "", "health")).json() == {"subscriptions": []}
    # The same name is free for it, and is another one.
    assert (await put(exchange, "school", f"{URL}/health", "health"))["url"] == f"{URL}/health"
    assert await standing(exchange, "school") == before


async def test_secrets_are_sealed_at_rest_and_never_shown_again(exchange: Exchange) -> None:
    first = (await put(exchange, "school", URL))["secret"]
    rotated = await call(exchange, "POST", "school/rotate")
    assert rotated.headers["cache-control"] == "no-store"
    second = rotated.json()["secret"]
    said = ""
    for method, path in (("GET", ""), ("GET", "school"), ("GET", "school/deliveries"), ("POST", "school/pause")):
        said += (await call(exchange, method, path)).text
    said += (await call(exchange, "PUT", "school", url=URL)).text
    row = await exchange.service.pool.fetchrow("SELECT * FROM subscription")
    assert row is not None
    kept = row["secret"] + row["old_secret"]
    for secret in (first, second):
        assert secret not in said
        assert secret.encode() not in kept
        assert secret[6:].encode() not in kept
    ring = exchange.service.ring
    assert opened(ring, row["subscription_id"], [row["secret"], row["old_secret"]]) == [second, first]


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"url": "ftp://hooks.example.cn"}, "/url"),
        ({"url": "http://10.0.0.1/"}, "/url"),
        ({"url": 5}, "/url"),
        ({"types": ["person.vanished"]}, "/types/0"),
        ({"areas": ["37010"]}, "/areas/0"),
        ({"areas": ["37"] * 201}, "/areas"),
        ({"secret": "whsec_mine"}, "/secret"),
    ],
)
async def test_what_breaks_the_contract_is_named(exchange: Exchange, wish: dict[str, object], pointer: str) -> None:
    answer = await call(exchange, "PUT", "school", **wish)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["faults"]] == [pointer]
    for name in ("School", "-school", "s" * 64, "sch ool", "%00", "школа"):
        assert (await call(exchange, "PUT", name, url=URL)).status_code == 422, name
    assert (await call(exchange, "GET", "")).json() == {"subscriptions": []}


async def test_a_department_has_twenty_subscriptions_at_most(exchange: Exchange) -> None:
    for number in range(20):
        await put(exchange, f"s{number}", None)
    answer = await call(exchange, "PUT", "s20")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors#conflict")
    assert (await call(exchange, "PUT", "s7", url=URL)).status_code == 200
    assert (await call(exchange, "PUT", "s20", "health")).status_code == 201


async def test_production_takes_no_internal_address_and_no_plain_http(
    database: Database, issuer: Issuer, tmp_path: Path
) -> None:
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    settings.environment = "production"
    async with running(settings, issuer) as exchange, receiving() as receiver:
        for url in (receiver.url, receiver.url.replace("http", "https"), "https://localhost/", "http://example.cn/"):
            answer = await call(exchange, "PUT", "school", url=url)
            assert [fault["pointer"] for fault in answer.json()["faults"]] == ["/url"], url
        await put(exchange, "school", URL)

        async def inside(host: str, port: int) -> list[str]:
            return ["8.8.8.8", "10.0.0.1"]

        # A name that leads inside is found out when something is sent, and nothing leaves.
        exchange.app.state.sender = Sender(resolve=inside)
        said = (await call(exchange, "POST", "school/test")).json()
        assert (said["delivered"], said["outcome"], said["status"]) == (False, "address-refused", None)
        await tell(exchange)
        worker = worker_of(exchange.service, Sender(resolve=inside), retries=(0.0,))
        async with working(worker):

            async def parked() -> bool:
                return bool((await standing(exchange, "school"))["parked"])

            await until(parked, "parked")
        (found,) = await deliveries(exchange, "school")
        assert [each["outcome"] for each in found["attempts"]] == ["address-refused"]
        assert receiver.got == []


async def test_deliveries_are_listed_page_by_page_and_by_state(exchange: Exchange) -> None:
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        ids = await tell(exchange, 7)
        await all_delivered(exchange, "school", 7)
    seen: list[str] = []
    after = ""
    for expected in (3, 3, 1):
        path = f"school/deliveries?limit=3{after}"
        page = (await call(exchange, "GET", path)).json()
        seen += [each["entry"] for each in page["deliveries"]]
        assert len(page["deliveries"]) == expected
        after = f"&after={page['next_after']}"
    assert after == "&after=None"
    assert seen == ids
    assert (await call(exchange, "GET", "school/deliveries?state=due")).json()["deliveries"] == []
    for query in ("limit=0", "limit=501", "state=lost", "after=x"):
        assert (await call(exchange, "GET", f"school/deliveries?{query}")).status_code == 422


async def test_an_address_can_be_changed_while_the_old_one_fails(exchange: Exchange) -> None:
    worker = worker_of(exchange.service, retries=(0.0, *[0.05] * 500))
    async with receiving(always(500)) as broken, receiving() as mended, working(worker):
        await put(exchange, "school", broken.url)
        ids = await tell(exchange, 2)
        await broken.has(3)
        await put(exchange, "school", mended.url)
        await all_delivered(exchange, "school", 2)
    assert set(mended.ids) == set(ids)


async def test_a_deleted_subscription_that_is_made_again_knows_nothing_of_the_first(exchange: Exchange) -> None:
    async with receiving(always(500)) as receiver, working(worker_of(exchange.service, retries=(0.0, 0.05, 3600))):
        first = await put(exchange, "school", receiver.url)
        await tell(exchange, 3)
        await receiver.has(4)
        assert (await call(exchange, "DELETE", "school")).status_code == 204
        second = await put(exchange, "school", receiver.url)
        assert second["secret"] != first["secret"]
        assert (second["due"], second["position"]) == (0, 3)
        assert await deliveries(exchange, "school") == []
        (entry,) = await tell(exchange)

        async def told() -> bool:
            return entry in receiver.ids

        await until(told, "the new one is told")
        assert {each["entry"] for each in await deliveries(exchange, "school")} == {entry}


async def test_logs_name_neither_addresses_nor_secrets(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    async with receiving(always(500)) as receiver, working(worker_of(exchange.service)):
        secret = (await put(exchange, "school", f"{receiver.url}/tokenlike"))["secret"]
        await tell(exchange)

        async def parked() -> bool:
            return bool((await standing(exchange, "school"))["parked"])

        await until(parked, "parked")
    said = "".join(capsys.readouterr())
    assert "delivery_parked" in said
    assert "tokenlike" not in said
    assert secret not in said


async def test_the_parked_copy_is_sealed_and_thin(exchange: Exchange) -> None:
    async with receiving(always(500)) as receiver, working(worker_of(exchange.service, retries=(0.0,))):
        await put(exchange, "school", receiver.url)
        (entry,) = await tell(exchange)
        await receiver.has(1)

        async def parked() -> object:
            return await exchange.service.pool.fetchrow("SELECT entry_id, body FROM parked")

        row = await until(parked, "parked")
    assert row["entry_id"] == UUID(entry)
    assert entry.encode() not in row["body"]
    assert json.loads(receiver.got[0].body)["data"]["entry"] == entry


async def test_a_subscription_can_be_pulled_through_its_filter(exchange: Exchange) -> None:
    await put(exchange, "merges", None, types=["person.merged"])
    await tell(exchange, 3)
    merged = await tell(exchange, name="person.merged", data={"merged": "a", "into": "b"})
    await tell(exchange, 2)
    page = (await call(exchange, "GET", "merges/feed?limit=2")).json()
    assert (page["entries"], page["head"], page["next_after"]) == ([], 6, f"{page['epoch']}:2")
    page = (await call(exchange, "GET", f"merges/feed?after={page['next_after']}")).json()
    assert [(each["id"], each["position"]) for each in page["entries"]] == [(merged[0], 4)]
    assert page["next_after"] == f"{page['epoch']}:6"
    whole = (await exchange.http.get("/v1/feed?limit=4", headers=exchange.headers("education"))).json()
    assert page["entries"] == whole["entries"][3:]
    assert (await call(exchange, "GET", "merges/feed?after=x")).status_code == 422
    assert (await call(exchange, "GET", f"merges/feed?after={page['epoch']}:7")).status_code == 409
    assert (await call(exchange, "GET", "merges/feed", "health")).status_code == 404


async def test_an_entry_that_cannot_be_read_is_told_rather_than_passed_over(exchange: Exchange) -> None:
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url, types=["person.merged"])
        strange = uuid4()
        async with transaction(exchange.service.pool) as connection:
            await exchange.service.feeds.append(connection, department_feed("education"), [NewEntry(strange, b"{}")])
        (message,) = await receiver.has(1)
        assert (message.id, message.json["type"]) == (str(strange), "cn.tenfold.entry.unreadable.v1")
        page = (await call(exchange, "GET", "school/feed")).json()
        assert [each["id"] for each in page["entries"]] == [str(strange)]


async def test_a_stream_through_a_filter_resumes_behind_what_it_passed_over(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STREAM_SECONDS", 0.0)
    monkeypatch.setattr(http, "STREAM_PAGE", 3)

    async def heard(last: str | None) -> tuple[list[str], list[str]]:
        """Ids of the entries that a stream brings, and every id that moves its reader on."""
        headers = exchange.headers("education") | ({"last-event-id": last} if last else {})
        answer = await exchange.http.get("/v1/subscriptions/merges/stream", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        lines = answer.text.splitlines()
        entries = [json.loads(line[6:])["id"] for line in lines if line.startswith("data: ")]
        return entries, [line[4:] for line in lines if line.startswith("id: ")]

    await put(exchange, "merges", None, types=["person.merged"])
    await tell(exchange, 4)
    (merged,) = await tell(exchange, name="person.merged", data={"merged": "a", "into": "b"})
    await tell(exchange)
    epoch = (await standing(exchange, "merges"))["epoch"]
    # Each stream here brings one page, of three: a reader that is passed over everything still gets on.
    assert await heard(None) == ([], [f"{epoch}:3"])
    assert await heard(f"{epoch}:3") == ([merged], [f"{epoch}:5"])
    assert await heard(f"{epoch}:5") == ([], [f"{epoch}:6"])
    assert await heard(f"{epoch}:6") == ([], [])
    for path in ("merges/stream", "nobodys/stream"):
        assert (await call(exchange, "GET", path, "health")).status_code == 404


async def test_a_paused_subscription_is_not_read_through_and_ends_its_streams(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "COMMENT_EVERY", 0.05)
    await put(exchange, "merges", None)
    streamed = asyncio.create_task(call(exchange, "GET", "merges/stream"))
    await until(lambda: exchange.service.watch.waiting, "the stream waits")
    assert (await call(exchange, "POST", "merges/pause")).status_code == 200
    assert (await asyncio.wait_for(streamed, 10)).status_code == 200
    for path in ("merges/feed", "merges/stream"):
        answer = await call(exchange, "GET", path)
        assert (answer.status_code, answer.json()["type"]) == (409, "/errors#conflict")
        assert "paused" in answer.json()["detail"]
    assert (await exchange.http.get("/v1/feed", headers=exchange.headers("education"))).status_code == 200
    await call(exchange, "POST", "merges/resume")
    assert (await call(exchange, "GET", "merges/feed")).status_code == 200


async def test_the_kind_is_what_was_said_or_follows_from_the_address(exchange: Exchange) -> None:
    assert (await put(exchange, "school", URL))["kind"] == "webhook"
    assert (await put(exchange, "school", None))["kind"] == "pull"
    assert (await put(exchange, "school", URL, kind="webhook"))["kind"] == "webhook"
    assert (await put(exchange, "school", None, kind="pull"))["topic"] is None
    for wish in ({"kind": "webhook"}, {"kind": "pull", "url": URL}, {"kind": "kafka", "url": URL}):
        answer = await call(exchange, "PUT", "school", **wish)
        assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (422, "/url"), wish
    answer = await call(exchange, "PUT", "school", kind="kafka")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors#conflict")
    assert "no Kafka broker" in answer.json()["detail"]
    assert (await standing(exchange, "school"))["kind"] == "pull"


async def test_production_calls_receivers_inside_that_the_operator_lists_and_no_others(
    database: Database, issuer: Issuer, tmp_path: Path
) -> None:
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    settings.environment, settings.webhook_allowed = "production", "10.20.0.0/16, hooks.county"
    async with running(settings, issuer) as exchange:
        for url, status in (
            ("https://10.20.3.4/hook", 201),
            ("https://10.21.3.4/hook", 422),
            ("https://127.0.0.1/hook", 422),
            ("https://169.254.169.254/", 422),
            ("http://10.20.3.4/hook", 422),
        ):
            assert (await call(exchange, "PUT", f"s{len(url)}", url=url)).status_code == status, url
        assert exchange.app.state.sender.allowed.hosts == {"hooks.county"}
        assert "127.0.0.1" in exchange.app.state.sender.own
