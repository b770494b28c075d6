"""Webhooks: signed, thin, in order, tried again, parked, never dropped. A real receiver on a port, real PostgreSQL."""

import asyncio
import json
import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi import Response
from standardwebhooks.webhooks import Webhook

from services.exchange.deliveries.telling import STORE
from services.exchange.feeds.names import department_feed
from shared.webhooks import Unverified
from tests.exchange_world import Exchange
from tests.line import until
from tests.webhooks_world import (
    FAST,
    MINE,
    Received,
    all_delivered,
    always,
    call,
    check,
    deliveries,
    fine,
    once,
    put,
    receiving,
    standing,
    tell,
    worker_of,
    working,
)

pytest_plugins = ["tests.exchange"]


async def test_entries_arrive_signed_in_the_order_of_the_feed(exchange: Exchange) -> None:
    await tell(exchange, 2)  # before there is a subscription: it begins at the end
    async with receiving() as receiver, working(worker_of(exchange.service)):
        secret = (await put(exchange, "school", receiver.url))["secret"]
        ids = await tell(exchange, 25)
        got = await receiver.has(25)
        assert receiver.ids == ids
        for message in got:
            assert str(check(message, secret)) == message.id
            # The reference implementation agrees.
            assert Webhook(secret).verify(message.body, message.headers) == message.json
        assert [message.json["data"]["position"] for message in got] == list(range(3, 28))
        found = await all_delivered(exchange, "school", 25)
        assert [each["entry"] for each in found] == ids
        assert [[attempt["status"] for attempt in each["attempts"]] for each in found] == [[204]] * 25


async def test_a_webhook_says_where_to_pull_and_nothing_about_anyone(exchange: Exchange) -> None:
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        (entry,) = await tell(exchange)
        (message,) = await receiver.has(1)
        assert message.json.keys() == {"type", "timestamp", "data"}
        assert message.json["type"] == "cn.tenfold.person.changed.v1"
        data = message.json["data"]
        assert data == {
            "feed": "department:education",
            "epoch": data["epoch"],
            "position": 1,
            "entry": entry,
            "after": f"{data['epoch']}:0",
        }
        # The cursor it gives leads to the entry, with a credential.
        query = {"after": data["after"], "limit": "1"}
        page = (await exchange.http.get("/v1/feed", params=query, headers=exchange.headers(MINE))).json()
        assert [each["id"] for each in page["entries"]] == [entry]
        told = json.dumps(message.headers) + message.body.decode()
        assert "k1.reference" not in told
        assert "王" not in told


async def test_what_failed_is_tried_again_under_the_same_id_and_holds_up_nothing(exchange: Exchange) -> None:
    async with receiving(once(500)) as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        first, second = await tell(exchange, 2)
        await receiver.has(3)
        assert receiver.ids[:1] == [first]
        assert sorted(receiver.ids) == sorted([first, first, second])
        found = await all_delivered(exchange, "school", 2)
        attempts = found[0]["attempts"]
        assert [(each["attempt"], each["outcome"], each["status"]) for each in attempts] == [
            (1, "refused", 500),
            (2, "delivered", 204),
        ]
        assert attempts[0]["next_at"] is not None
        assert attempts[0]["ended_at"] <= attempts[1]["began_at"]


async def test_410_ends_the_subscription_until_the_department_resumes_it(exchange: Exchange) -> None:
    async with receiving(always(410)) as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        ids = await tell(exchange, 3)
        await receiver.has(1)

        async def disabled() -> bool:
            return bool((await standing(exchange, "school"))["state"] == "disabled")

        await until(disabled, "disabled")
        answer = await call(exchange, "POST", "school/pause")
        assert (answer.status_code, answer.json()["type"]) == (409, "/errors#conflict")
        assert len(receiver.got) == 1
        receiver.says = fine
        assert (await call(exchange, "POST", "school/resume")).json()["state"] == "active"
        await all_delivered(exchange, "school", 3)
        assert set(receiver.ids) == set(ids)


async def test_retry_after_is_obeyed_for_everything_that_goes_there(exchange: Exchange) -> None:
    times: list[float] = []

    async def busy(message: Received) -> Response:
        times.append(time.monotonic())
        if len(times) == 1:
            return Response(status_code=503, headers={"retry-after": "2"})
        return Response(status_code=200)

    async with receiving(busy) as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        await tell(exchange, 3)
        await receiver.has(1)
        await all_delivered(exchange, "school", 3)
        assert times[1] - times[0] >= 1.9
        assert len(times) == 4


async def test_a_slow_receiver_slows_nobody_else(exchange: Exchange) -> None:
    release = asyncio.Event()

    async def slow(message: Received) -> Response:
        await release.wait()
        return Response(status_code=200)

    async with receiving(slow) as sleeper, receiving() as quick, working(worker_of(exchange.service)):
        await put(exchange, "slow", sleeper.url)
        await put(exchange, "quick", quick.url)
        await put(exchange, "other", sleeper.url, "health")
        ids = await tell(exchange, 50)
        await tell(exchange, 1, department="health")
        await sleeper.has(2)
        await quick.has(50)
        assert quick.ids == ids
        assert len(sleeper.got) == 2
        release.set()
        await all_delivered(exchange, "slow", 50)
        assert [each for each in sleeper.ids if each in ids] == ids


async def test_a_redirect_is_not_followed(exchange: Exchange) -> None:
    async with receiving() as other, receiving(always(307, {"location": other.url})) as receiver:
        await put(exchange, "school", receiver.url)
        async with working(worker_of(exchange.service)):
            await tell(exchange)
            await receiver.has(2)
        assert other.got == []
        (found,) = await deliveries(exchange, "school")
        assert {each["outcome"] for each in found["attempts"] if each["outcome"]} == {"redirected"}


async def test_after_the_last_retry_a_delivery_is_parked_listed_and_can_be_tried_again(exchange: Exchange) -> None:
    administrator = exchange.headers(None, roles=("administrator",))

    async def parked() -> list[dict[str, object]]:
        found: list[dict[str, object]] = (await exchange.http.get("/v1/parked", headers=administrator)).json()["parked"]
        return found

    async with receiving(always(500)) as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        (entry,) = await tell(exchange)
        (listed,) = await until(parked, "parked")
        assert (listed["origin"], listed["entry_id"], listed["fault"]) == (
            "subscription:education/school",
            entry,
            "refused",
        )
        assert receiver.ids == [entry] * len(FAST)
        (found,) = await deliveries(exchange, "school")
        assert (found["state"], found["next_at"], len(found["attempts"])) == ("parked", None, 3)
        assert (await standing(exchange, "school"))["parked"] == 1
        # Whatever comes after goes its way.
        receiver.says = fine
        (later,) = await tell(exchange)
        await all_delivered(exchange, "school", 1)
        assert receiver.ids[3:] == [later]
        assert (await call(exchange, "POST", "school/retry")).json() == {"due": 1}
        await all_delivered(exchange, "school", 2)
        assert receiver.ids[4:] == [entry]
        assert await parked() == []


async def test_a_parked_delivery_that_fails_again_is_listed_once(exchange: Exchange) -> None:
    async with receiving(always(500)) as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        await tell(exchange)
        for round_ in (1, 2):

            async def parked() -> bool:
                return bool((await standing(exchange, "school"))["parked"] == 1)

            await receiver.has(round_ * len(FAST))
            await until(parked, "parked")
            waiting = await exchange.service.pool.fetchval("SELECT count(*) FROM parked WHERE settled_at IS NULL")
            assert waiting == 1
            if round_ == 1:
                await call(exchange, "POST", "school/retry")
        assert (await call(exchange, "DELETE", "school")).status_code == 204
        assert await exchange.service.pool.fetchval("SELECT count(*) FROM parked WHERE settled_at IS NULL") == 0
        assert await exchange.service.pool.fetchval("SELECT count(*) FROM delivery_attempt") == 0


async def test_while_a_secret_is_exchanged_both_sign_and_afterwards_only_the_new_one(exchange: Exchange) -> None:
    async with receiving() as receiver, working(worker_of(exchange.service)):
        old = (await put(exchange, "school", receiver.url))["secret"]
        rotated = (await call(exchange, "POST", "school/rotate", grace_hours=1)).json()
        new = rotated["secret"]
        assert new != old
        assert (await standing(exchange, "school"))["secrets"] == 2
        await tell(exchange)
        (message,) = await receiver.has(1)
        assert len(message.headers["webhook-signature"].split(" ")) == 2
        for secret in (old, new):
            check(message, secret)
            Webhook(secret).verify(message.body, message.headers)
        await call(exchange, "POST", "school/rotate", grace_hours=0)
        shown = await standing(exchange, "school")
        assert (shown["secrets"], shown["old_secret_until"]) == (1, None)
        await tell(exchange)
        message = (await receiver.has(2))[1]
        for secret in (old, new):
            with pytest.raises(Unverified):
                check(message, secret)


async def test_a_paused_subscription_keeps_its_place(exchange: Exchange) -> None:
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        before = await tell(exchange, 2)
        await all_delivered(exchange, "school", 2)
        assert (await call(exchange, "POST", "school/pause")).json()["state"] == "paused"
        assert (await call(exchange, "POST", "school/pause")).json()["state"] == "paused"
        meanwhile = await tell(exchange, 3)
        # Another subscription hears of them: the worker has looked, and sent the paused one nothing.
        await put(exchange, "control", receiver.url)
        control = await tell(exchange, 1)
        await until(lambda: control[0] in receiver.ids, "the other one hears")
        assert not set(meanwhile) & set(receiver.ids)
        await call(exchange, "POST", "school/resume")
        await all_delivered(exchange, "school", 6)
        assert [each for each in receiver.ids if each not in control] == before + meanwhile


async def test_a_replay_delivers_again_from_a_position_under_the_same_ids(exchange: Exchange) -> None:
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        ids = await tell(exchange, 5)
        await all_delivered(exchange, "school", 5)
        epoch = (await standing(exchange, "school"))["epoch"]
        answer = await call(exchange, "POST", "school/replay", after=f"{epoch}:3")
        assert (answer.status_code, answer.json()["position"]) == (200, 3)
        await receiver.has(7)
        assert receiver.ids == ids + ids[3:]
        await call(exchange, "POST", "school/replay", after=None)
        await receiver.has(12)
        assert receiver.ids[7:] == ids
        found = await all_delivered(exchange, "school", 5)
        assert [len(each["attempts"]) for each in found] == [2, 2, 2, 3, 3]
        for cursor, status in ((f"{epoch}:6", 409), (f"{uuid4()}:1", 409), ("nonsense", 422)):
            assert (await call(exchange, "POST", "school/replay", after=cursor)).status_code == status


async def test_what_was_there_before_the_subscription_comes_by_replay(exchange: Exchange) -> None:
    ids = await tell(exchange, 3)
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        assert (await call(exchange, "POST", "school/replay")).status_code == 200
        await receiver.has(3)
        assert receiver.ids == ids


async def test_filters_by_type_and_area_pass_over_only_what_they_can_judge(exchange: Exchange) -> None:
    async with (
        receiving() as all_,
        receiving() as merges,
        receiving() as district,
        working(worker_of(exchange.service)),
    ):
        await put(exchange, "all", all_.url)
        await put(exchange, "merges", merges.url, types=["person.merged", "person.split"])
        await put(exchange, "district", district.url, areas=["3701"])
        inside = await tell(exchange, data={"changed": {"registered_area": "370102901001"}})
        outside = await tell(exchange, data={"changed": {"registered_area": "110101001001"}})
        coarse = await tell(exchange, data={"changed": {"registered_area": "37"}})
        gone = await tell(exchange, data={"changed": {"registered_area": None}})
        merged = await tell(exchange, name="person.merged", data={"merged": "a", "into": "b"})
        await all_.has(5)
        await district.has(4)
        await merges.has(1)
        assert all_.ids == inside + outside + coarse + gone + merged
        assert district.ids == inside + coarse + gone + merged
        assert merges.ids == merged


async def test_a_withheld_entry_is_not_told_and_nothing_waits_for_it(exchange: Exchange) -> None:
    async with receiving() as receiver:
        await put(exchange, "school", receiver.url)
        ids = await tell(exchange, 3)
        await exchange.service.pool.execute("UPDATE feed_entry SET body = NULL WHERE entry_id = $1", UUID(ids[1]))
        async with working(worker_of(exchange.service)):
            await receiver.has(2)
            assert receiver.ids == [ids[0], ids[2]]


async def test_after_a_reset_of_the_feed_only_what_is_unknown_is_told(exchange: Exchange) -> None:
    pool = exchange.service.pool
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        ids = await tell(exchange, 3)
        await all_delivered(exchange, "school", 3)
        epoch = uuid4()
        await pool.execute("UPDATE feed_head SET epoch = $1 WHERE feed = $2", epoch, department_feed(MINE))
        new = await tell(exchange, 1)
        await receiver.has(4)
        assert receiver.ids == ids + new
        assert receiver.got[3].json["data"]["epoch"] == str(epoch)
        assert (await standing(exchange, "school"))["epoch"] == str(epoch)


async def test_a_feed_that_begins_anew_sends_nothing_of_what_was_forgotten_or_came_before(exchange: Exchange) -> None:
    pool = exchange.service.pool
    before = await tell(exchange, 2)
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        old = await tell(exchange, 3)
        await all_delivered(exchange, "school", 3)
        await STORE.forget(pool, timedelta(0))
        assert await pool.fetchval("SELECT count(*) FROM delivery") == 0
        await pool.execute("UPDATE feed_head SET epoch = $1 WHERE feed = $2", uuid4(), department_feed(MINE))
        new = await tell(exchange, 2)
        await all_delivered(exchange, "school", 2)
        assert [each for each in receiver.ids if each != before[-1]] == old + new  # the last one before may come
        # Whoever asks for it gets all of it.
        assert (await call(exchange, "POST", "school/replay")).status_code == 200
        await receiver.has(len(receiver.ids) + 7)
        assert set(receiver.ids[-7:]) == {*before, *old, *new}


async def test_a_test_message_is_sent_now_and_answered_with_what_the_receiver_said(exchange: Exchange) -> None:
    async def talkative(message: Received) -> Response:
        return Response("x" * 200_000, status_code=418)

    async with receiving() as receiver:
        secret = (await put(exchange, "school", receiver.url))["secret"]
        said = (await call(exchange, "POST", "school/test")).json()
        assert (said["delivered"], said["outcome"], said["status"], said["body"]) == (True, "delivered", 204, "")
        (message,) = receiver.got
        check(message, secret)
        assert message.json["type"] == "cn.tenfold.subscription.tested.v1"
        assert message.json["data"] == {"feed": "department:education", "subscription": "school"}
        receiver.says = talkative
        said = (await call(exchange, "POST", "school/test")).json()
        assert (said["delivered"], said["outcome"], said["status"]) == (False, "refused", 418)
        assert said["body"] == "x" * 1000
    said = (await call(exchange, "POST", "school/test")).json()
    assert (said["delivered"], said["outcome"], said["status"]) == (False, "unreachable", None)


async def test_a_receiver_that_refuses_everything_is_called_more_rarely_and_then_in_full(exchange: Exchange) -> None:
    times: list[float] = []

    async def broken(message: Received) -> Response:
        times.append(time.monotonic())
        return Response(status_code=500 if len(times) <= 6 else 200)

    async with receiving(broken) as receiver, working(worker_of(exchange.service, retries=(0.0, 0.5, 0.5, 0.5))):
        await put(exchange, "school", receiver.url)
        ids = await tell(exchange, 30)
        await all_delivered(exchange, "school", 30)
        assert set(receiver.ids) == set(ids)
        # Five first tries in a row, then a pause; tries that come again go on beside.
        assert receiver.ids[:5] == ids[:5]
        sixth = receiver.ids.index(ids[5])
        assert times[sixth] - times[4] >= 0.9
