"""The worker follows a real feed over HTTP into its database, and survives what feeds and followers go through."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.responses import Response
from pydantic import SecretStr
from starlette.requests import Request

from services.alerts.worker import work
from shared import clock
from shared.db import transaction
from shared.errors import install
from shared.feed import heads
from shared.feed.follow import FeedPage, Follower, Reset
from shared.feed.http import feed_page, reading
from shared.feed.values import NewEntry
from shared.settings import Settings
from tests.alerts_world import DAY_15, IN_DONGMING, Body, World, entry, person, served, wish
from tests.line import until

pytest_plugins = ["tests.alerts"]

CARE = "care"


async def say(world: World, *bodies: Body) -> None:
    """Append to the feed `care`, which here lives in the same database."""
    rows = [NewEntry(uuid4(), json.dumps(body).encode()) for body in bodies]
    async with transaction(world.alerts.service.pool) as connection:
        await heads.ensure(connection, CARE)
        await world.alerts.service.feeds.append(connection, CARE, rows)


@pytest.fixture
async def registry(world: World) -> AsyncIterator[str]:
    """The registry's side of the feed: the shared feed routes on a port of this machine."""
    app = FastAPI()
    install(app)
    service = world.alerts.service

    @app.get("/v1/feeds/care")
    async def care(request: Request) -> Response:
        asked = request.query_params
        after, limit, wait = asked.get("after"), int(asked["limit"]), float(asked["wait"])
        read = reading(service.pool, service.feeds, CARE)
        return await feed_page(read, service.watch, CARE, 0, after, limit, min(wait, 2))

    async with served(app) as url:
        yield url


async def test_a_wish_reaches_the_facility_through_the_running_worker(
    world: World, settings: Settings, registry: str
) -> None:
    born = (clock.today() - timedelta(days=20)).isoformat()
    await say(world, person("mother"), person("child"), wish(born_on=born))
    running = asyncio.create_task(
        work(settings.model_copy(update={"registry_url": registry, "service_token": SecretStr("alerts")}))
    )

    async def announced(*kinds: str) -> bool:
        return await world.announced() == list(kinds)

    await until(lambda: announced("opened"), "the help is announced", 20)
    await say(world, person("child", registered=True))
    await until(lambda: announced("opened", "closed"), "its end is announced", 20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_restored_registry_tells_everything_again_and_nothing_is_announced_twice(world: World) -> None:
    told = [entry(n, body) for n, body in enumerate([person("mother"), person("child"), wish()], start=1)]
    epochs = [uuid4(), uuid4()]

    async def fetch(feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        if after is not None and not after.startswith(str(epochs[0])):
            raise Reset
        position = int(after.split(":")[1]) if after else 0
        return FeedPage(epochs[0], len(told), f"{epochs[0]}:{len(told)}", told[position : position + limit])

    service = world.alerts.service
    world.today = DAY_15
    follower = Follower(CARE, 0, fetch, service.pool, service.ring, world.alerts.hearing.handle, limit=2)
    while await follower.step():
        pass
    epochs.reverse()
    assert await follower.step() == 0
    while await follower.step():
        pass
    assert await world.announced() == ["opened"]


async def test_an_entry_that_says_more_than_alerts_may_know_is_parked_and_the_rest_goes_on(world: World) -> None:
    bodies = [person("mother"), person("child", marital_status="20"), wish(), person("mother", area=IN_DONGMING)]
    told = [entry(n, body) for n, body in enumerate(bodies, start=1)]
    epoch = uuid4()

    async def fetch(feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        return FeedPage(epoch, 4, f"{epoch}:4", told if after is None else [])

    service = world.alerts.service
    world.today = DAY_15
    await Follower(CARE, 0, fetch, service.pool, service.ring, world.alerts.hearing.handle).step()
    assert await world.announced() == ["opened", "moved-away"]
    parked = await service.pool.fetch("SELECT origin, fault FROM parked")
    assert [tuple(row) for row in parked] == [("care", "ValidationError")]
