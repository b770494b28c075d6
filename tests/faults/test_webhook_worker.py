"""Workers that die, that are stopped, that are two: everything is delivered, under its one id, and in order."""

import asyncio
import os
import sys
from collections import Counter
from datetime import timedelta

import asyncpg
from fastapi import Response

from services.exchange.deliveries.telling import STORE
from services.exchange.worker import work
from shared.app import open_service
from shared.db import AWAY
from tests.exchange_world import Exchange
from tests.line import until
from tests.webhooks_world import (
    Received,
    all_delivered,
    check,
    deliveries,
    fine,
    put,
    receiving,
    tell,
    worker_of,
    working,
)

pytest_plugins = ["tests.exchange"]


async def test_a_worker_killed_in_the_middle_of_a_delivery_is_followed_by_one_that_delivers_it_again(
    exchange: Exchange,
) -> None:
    never = asyncio.Event()

    async def hang(message: Received) -> Response:
        await never.wait()
        return Response(status_code=200)

    async with receiving(hang) as receiver:
        secret = (await put(exchange, "school", receiver.url))["secret"]
        ids = await tell(exchange, 3)
        settings = exchange.settings
        told = {
            "TENFOLD_DATABASE_URL": settings.database_url,
            "TENFOLD_KEYS_FILE": str(settings.keys_file),
            "TENFOLD_JWKS_FILE": str(settings.jwks_file),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.webhook_worker", env={**os.environ, **told}
        )
        try:
            await receiver.has(1)
        finally:
            process.kill()
            await process.wait()
        assert receiver.ids == ids[:1]
        receiver.says = fine
        async with working(worker_of(exchange.service)):
            found = await all_delivered(exchange, "school", 3)
        never.set()
        assert Counter(receiver.ids) == Counter([ids[0], *ids])
        assert [message.id for message in receiver.got if message.id != ids[0]] == ids[1:]
        assert {str(check(message, secret)) for message in receiver.got} == set(ids)
        # The attempt that nobody finished is still told of.
        assert [(each["outcome"], each["status"]) for each in found[0]["attempts"]] == [
            (None, None),
            ("delivered", 204),
        ]


async def test_a_worker_that_is_stopped_hands_over_at_once(exchange: Exchange) -> None:
    never = asyncio.Event()

    async def hang(message: Received) -> Response:
        await never.wait()
        return Response(status_code=200)

    async with receiving(hang) as receiver:
        await put(exchange, "school", receiver.url)
        (entry,) = await tell(exchange)
        # Leases and claims of half an hour: only by handing over can the next one begin.
        async with working(worker_of(exchange.service, lease=1800, patience=1800)):
            await receiver.has(1)
        receiver.says = fine
        async with working(worker_of(exchange.service, lease=1800, patience=1800)):
            await all_delivered(exchange, "school", 1)
        never.set()
        assert set(receiver.ids) == {entry}
        assert len(receiver.ids) >= 2


async def test_two_workers_deliver_everything_once_and_in_order(exchange: Exchange) -> None:
    other = await open_service(exchange.settings)
    try:
        async with receiving() as receiver, receiving() as second:
            await put(exchange, "school", receiver.url)
            await put(exchange, "clinic", second.url)
            async with working(worker_of(exchange.service)), working(worker_of(other)):
                ids: list[str] = []
                for _ in range(10):
                    ids += await tell(exchange, 20)
                await all_delivered(exchange, "school", 100)
                await until(lambda: len(receiver.got) >= 200 and len(second.got) >= 200, "all messages")
            assert receiver.ids == ids
            assert second.ids == ids
    finally:
        await other.pool.close()


async def test_a_claim_that_came_too_late_settles_nothing(exchange: Exchange) -> None:
    slow = asyncio.Event()
    first: list[str] = []

    async def say(message: Received) -> Response:
        first.append(message.id)
        if len(first) == 1:
            await slow.wait()
            return Response(status_code=500)
        return Response(status_code=200)

    other = await open_service(exchange.settings)
    try:
        async with receiving(say) as receiver:
            await put(exchange, "school", receiver.url)
            # The first worker is taken for dead while its receiver thinks: lease and patience are over.
            async with working(worker_of(exchange.service, lease=0.2, patience=0.2)):
                (entry,) = await tell(exchange)
                await receiver.has(1)
                async with working(worker_of(other)):
                    await all_delivered(exchange, "school", 1)
                    slow.set()

                    async def noted() -> bool:
                        (found,) = await deliveries(exchange, "school")
                        return all(each["outcome"] for each in found["attempts"])

                    await until(noted, "both attempts noted")
            (found,) = await deliveries(exchange, "school")
            assert [each["outcome"] for each in found["attempts"]] == ["refused", "delivered"]
            assert (found["state"], receiver.ids) == ("delivered", [entry, entry])
    finally:
        await other.pool.close()


async def test_a_worker_outlives_a_database_that_cuts_every_connection(exchange: Exchange) -> None:
    async with receiving() as receiver, working(worker_of(exchange.service, lease=1, patience=1)) as task:
        await put(exchange, "school", receiver.url)
        ids: list[str] = []
        for _ in range(5):
            ids += await tell(exchange, 10)
            await receiver.has(len(ids) - 5)
            cutter = await asyncpg.connect(exchange.settings.database_url)
            await cutter.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await cutter.close()

            async def back() -> bool:
                try:
                    return bool(await exchange.service.pool.fetchval("SELECT true"))
                except AWAY:
                    return False

            await until(back, "the pool is back")
        await until(lambda: set(receiver.ids) == set(ids), "everything delivered")
        assert not task.done()


async def test_a_subscription_that_cannot_be_served_stops_no_other(exchange: Exchange) -> None:
    pool = exchange.service.pool
    async with receiving() as receiver, working(worker_of(exchange.service)) as task:
        await put(exchange, "broken", receiver.url)
        await put(exchange, "school", receiver.url)
        await pool.execute("UPDATE subscription SET secret = '\\x00' WHERE name = 'broken'")
        ids = await tell(exchange, 5)
        await all_delivered(exchange, "school", 5)
        assert receiver.ids == ids
        assert not task.done()
    assert {each["state"] for each in await deliveries(exchange, "broken")} == {"due"}


async def test_old_successful_deliveries_are_forgotten_and_everything_else_is_kept(exchange: Exchange) -> None:
    pool = exchange.service.pool
    async with receiving() as receiver, working(worker_of(exchange.service)):
        await put(exchange, "school", receiver.url)
        ids = await tell(exchange, 4)
        await all_delivered(exchange, "school", 4)
    old = "clock_timestamp() - interval '31 days'"
    await pool.execute(f"UPDATE delivery SET settled_at = {old} WHERE position <= 3")
    await pool.execute("UPDATE delivery SET state = 'parked' WHERE position = 2")
    await STORE.forget(pool, timedelta(days=30))
    assert [each["entry"] for each in await deliveries(exchange, "school")] == [ids[1], ids[3]]
    assert await pool.fetchval("SELECT count(*) FROM delivery_attempt") == 2


async def test_the_worker_of_the_exchange_sends_webhooks_while_the_registry_is_away(exchange: Exchange) -> None:
    settings = exchange.settings.model_copy(update={"registry_url": "http://127.0.0.1:1"})
    working_ = asyncio.create_task(work(settings))
    try:
        async with receiving() as receiver:
            await put(exchange, "school", receiver.url)
            ids = await tell(exchange, 3)
            await receiver.has(3)
            assert receiver.ids == ids
            assert not working_.done()
    finally:
        working_.cancel()
        await asyncio.gather(working_, return_exceptions=True)
