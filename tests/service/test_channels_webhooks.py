"""A facility's webhooks: signed, thin, tried again, under consent; the sender is the exchange's (test_webhooks.py)."""

import json
from collections import Counter
from typing import Any

from standardwebhooks.webhooks import Webhook

from shared.client import Sender
from tests.alerts_world import DONGMING
from tests.channels_world import Channels
from tests.line import until
from tests.webhooks_world import always, check, fine, receiving

pytest_plugins = ["tests.alerts"]


async def test_what_changes_is_told_signed_with_counts_a_cursor_and_a_link(channels: Channels) -> None:
    async with receiving() as receiver, channels.sending():
        secret = await channels.hook(receiver.url)
        episode = await channels.cared.enrolled()
        told = await channels.cared.told()
        got = await receiver.has(len(told))
        assert receiver.ids == [each["delivery"] for each in await channels.sent()]
        assert len(set(receiver.ids)) == len(told)
        for message, (kind, contact) in zip(got, told, strict=True):
            assert str(check(message, secret)) == message.id
            assert Webhook(secret).verify(message.body, message.headers) == message.json
            data = message.json["data"]
            assert data["counts"] == {kind: 1}
            assert data["link"] == "http://127.0.0.1:8103/worklist"
            after = {"after": data["after"], "limit": "1"}
            found = await channels.cared.world.http.get("/v1/feed", params=after, headers=channels.cared.world.token())
            (entry,) = found.json()["entries"]
            assert (entry["position"], entry["data"]["contact"]) == (data["position"], contact)
            text = message.body.decode() + json.dumps(message.headers)
            for secret_thing in (contact, contact[:18], entry["id"], episode, "王", "nurse", "due_on", "maternal"):
                assert secret_thing not in text


async def test_no_list_of_deliveries_names_a_task_and_a_withdrawal_leaves_none(channels: Channels) -> None:
    async with receiving() as receiver, channels.sending():
        await channels.hook(receiver.url)
        episode = await channels.cared.enrolled()
        ((_, contact),) = await channels.cared.told()
        await receiver.has(1)
        assert contact[:18] not in json.dumps(await channels.sent())
        about = f"SELECT state FROM care_delivery WHERE entry_id::text LIKE '{contact[:18]}%'"
        pool = channels.cared.care.pool

        async def settled() -> bool:
            return bool([row["state"] for row in await pool.fetch(about)] == ["delivered"])

        await until(settled, "delivered")
        assert (await channels.hooks("POST", "clinic/pause")).status_code == 200
        assert (await channels.cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
        assert await pool.fetch(about) == []


async def test_a_webhook_may_want_the_digest_alone(channels: Channels) -> None:
    async with receiving() as receiver, channels.sending():
        await channels.hook(receiver.url, kinds=["digest"])
        await channels.cared.enrolled()
        await channels.digest()
        (message,) = await receiver.has(1)
        data = message.json["data"]
        assert data["counts"] == {"digest": 1}
        assert data["digest"].keys() == {"on", "today", "overdue", "soon"}
        assert data["digest"]["today"] >= 1


async def test_consent_is_looked_at_when_something_is_sent(channels: Channels) -> None:
    cared = channels.cared
    async with receiving() as receiver:
        await channels.hook(receiver.url)
        paused, withdrawn, kept = [await cared.enrolled() for _ in range(3)]
        own = {each["contact"] for each in await cared.contacts(kept)}
        assert (await cared.act(paused, "pause", {})).status_code < 300
        assert (await cared.call("DELETE", f"/v1/episodes/{withdrawn}/consent")).status_code < 300
        told = await cared.told()
        async with channels.sending():
            sent = sum(which in own for _, which in told)
            ends = sum(which not in own and kind == "closed" for kind, which in told)  # and no word of what it was
            await receiver.has(sent + ends)

            async def planned() -> bool:
                standing = (await channels.hooks("GET", "clinic")).json()
                return bool(standing["position"] == len(told) and standing["due"] == 0)

            await until(planned, "everything is planned and settled")
            assert len(receiver.got) == sent + ends
            kinds = Counter(kind for message in receiver.got for kind in message.json["data"]["counts"])
            assert (kinds["opened"], kinds["closed"]) == (1, ends)


async def test_410_ends_it_until_a_supervisor_resumes_it(channels: Channels) -> None:
    async with receiving(always(410)) as receiver, channels.sending():
        await channels.hook(receiver.url)
        await channels.digest()
        await receiver.has(1)

        async def disabled() -> bool:
            return bool((await channels.hooks("GET", "clinic")).json()["state"] == "disabled")

        await until(disabled, "disabled")
        assert (await channels.hooks("POST", "clinic/pause")).status_code == 409
        receiver.says = fine
        assert (await channels.hooks("POST", "clinic/resume")).json()["state"] == "active"
        await receiver.has(2)
        assert len(set(receiver.ids)) == 1


async def test_what_is_never_taken_is_parked_seen_by_the_facility_alone_and_tried_again(channels: Channels) -> None:
    async with receiving(always(500)) as receiver, channels.sending():
        await channels.hook(receiver.url)
        await channels.digest()

        async def parked() -> bool:
            return bool((await channels.hooks("GET", "clinic")).json()["parked"] == 1)

        await until(parked, "parked after the last try")
        (delivery,) = await channels.sent()
        assert [each["outcome"] for each in delivery["attempts"]] == ["refused"] * 3
        # How much of a facility's is parked would tell everyone else how much care it gives.
        assert await channels.cared.care.pool.fetchval("SELECT count(*) FROM parked") == 0
        receiver.says = fine
        assert (await channels.hooks("POST", "clinic/retry")).json() == {"due": 1}
        await receiver.has(4)
        assert len(set(receiver.ids)) == 1


async def test_a_replay_tells_again_under_the_same_ids_and_a_foreign_cursor_is_a_reset(channels: Channels) -> None:
    async with receiving() as receiver, channels.sending():
        await channels.hook(receiver.url)
        await channels.digest()
        await channels.digest(days=1)
        first = [message.id for message in await receiver.has(2)]
        assert (await channels.hooks("POST", "clinic/replay", {"after": None})).status_code == 200
        assert [message.id for message in await receiver.has(4)] == [*first, *first]
        epoch = receiver.got[0].json["data"]["epoch"]
        assert (await channels.hooks("POST", "clinic/replay", {"after": f"{epoch}:1"})).status_code == 200
        assert [message.id for message in await receiver.has(5)][4:] == first[1:]
        foreign = {"after": "00000000-0000-4000-8000-000000000000:0"}
        answer = await channels.hooks("POST", "clinic/replay", foreign)
        assert (answer.status_code, answer.json()["type"]) == (409, "/errors#feed-reset")


async def test_a_paused_one_sends_nothing_and_skips_nothing(channels: Channels) -> None:
    async with receiving() as receiver, channels.sending():
        await channels.hook(receiver.url)
        assert (await channels.hooks("POST", "clinic/pause")).json()["state"] == "paused"
        await channels.digest()
        assert (await channels.hooks("POST", "clinic/test")).json()["delivered"] is True
        assert len(receiver.got) == 1
        assert receiver.got[0].json["type"] == "cn.tenfold.webhook.tested.v1"
        assert (await channels.hooks("POST", "clinic/resume")).json()["state"] == "active"
        await receiver.has(2)


async def test_two_secrets_sign_while_one_is_exchanged(channels: Channels) -> None:
    async with receiving() as receiver:
        old = await channels.hook(receiver.url)
        new = (await channels.hooks("POST", "clinic/rotate", {"grace_hours": 1})).json()["secret"]
        assert old != new
        await channels.hooks("POST", "clinic/test")
        assert check(receiver.got[0], old) == check(receiver.got[0], new)
        rows = await channels.cared.care.pool.fetch("SELECT care_webhook::text AS row FROM care_webhook")
        assert old not in rows[0]["row"]
        assert "secret" not in (await channels.hooks("GET", "clinic")).json()


async def test_no_internal_address_is_taken_or_called(channels: Channels) -> None:
    channels.cared.world.app.state.sender = Sender()
    for url in ("http://example.cn/x", "https://127.0.0.1/x", "https://10.0.0.1/", "https://169.254.169.254/", "x"):
        answer = await channels.hooks("PUT", "clinic", {"url": url})
        assert answer.status_code == 422, url
        assert answer.json()["faults"][0]["pointer"] == "/url"
    assert (await channels.hooks("GET", "")).json() == {"webhooks": []}


async def test_another_facilitys_webhooks_do_not_exist_and_workers_set_none_up(channels: Channels) -> None:
    await channels.hook("http://127.0.0.1:1/hook")
    there: dict[str, Any] = {"facility": DONGMING}
    assert (await channels.hooks("GET", "", **there)).json() == {"webhooks": []}
    for method, path in (
        ("GET", "clinic"),
        ("DELETE", "clinic"),
        ("POST", "clinic/pause"),
        ("POST", "clinic/test"),
        ("GET", "clinic/deliveries"),
    ):
        assert (await channels.hooks(method, path, **there)).status_code == 404, (method, path)
    assert (await channels.hooks("GET", "", roles=["care-worker"])).status_code == 403
    assert (await channels.hooks("DELETE", "clinic")).status_code == 204
