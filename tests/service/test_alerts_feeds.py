"""A facility's feed: numbered, streamed, and as JSON Feed 1.1."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.feed import http as feed_http
from tests.alerts_world import BORN, DAY_15, DONGMING, IN_DONGMING, World, person, served, wish

pytest_plugins = ["tests.alerts"]


async def births(world: World, count: int) -> None:
    """So many births on as many days, all open."""
    for n in range(count):
        born = (BORN + timedelta(days=n)).isoformat()
        await world.tell(person(f"mother-{n}"), wish(f"child-{n}", f"mother-{n}", born_on=born, mother_name=f"王{n}"))
    for n in range(count):
        await world.on(DAY_15 + timedelta(days=n))


async def document(world: World, path: str = "/v1/feed.json", **headers: str) -> dict[str, Any]:
    """A JSON Feed document."""
    answer = await world.http.get(path, headers=world.token() | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/feed+json"
    read: dict[str, Any] = answer.json()
    return read


async def test_the_json_feed_has_what_version_1_1_asks_for(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    feed = await document(world)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "Tenfold · Liuquan Community Health Centre"
    assert feed["feed_url"] == "http://127.0.0.1:8103/v1/feed.json"
    (item,) = feed["items"]
    assert item["id"].startswith("urn:uuid:")
    assert item["title"] == "Help with birth registration"
    assert item["content_text"] == "王秀英: please help by 2026-04-01."
    assert datetime.fromisoformat(item["date_published"]).tzinfo is not None
    assert item["_tenfold"]["due_on"] == "2026-04-01"
    assert "next_url" not in feed


async def test_the_json_feed_speaks_the_readers_language(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    feed = await document(world, **{"accept-language": "zh-CN"})
    assert feed["language"] == "zh-CN"
    assert feed["items"][0]["title"] == "协助办理出生登记"


async def test_the_json_feed_leads_from_the_newest_to_the_oldest(world: World) -> None:
    await births(world, 7)
    seen: list[str] = []
    path = "/v1/feed.json?limit=3"
    while path:
        feed = await document(world, path)
        seen += [item["_tenfold"]["born_on"] for item in feed["items"]]
        path = str(feed.get("next_url", "")).removeprefix("http://127.0.0.1:8103")
    assert seen == [(BORN + timedelta(days=n)).isoformat() for n in reversed(range(7))]


async def test_names_leave_the_json_feed_with_the_family(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(person("mother", area=IN_DONGMING))
    feed = await document(world)
    assert "王秀英" not in json.dumps(feed, ensure_ascii=False)
    ids = [item["id"] for item in feed["items"]]
    assert len(set(ids)) == 2
    tags = [item["tags"] for item in feed["items"]]
    assert tags == [["moved-away"], ["opened"]]


async def test_no_feed_body_holds_a_name(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    answer = await world.http.get("/v1/feed", headers=world.token())
    (entry,) = answer.json()["entries"]
    assert set(entry["data"]) == {"kind", "help", "reason", "born_on", "opened_on", "due_on"}


async def test_a_reader_with_a_foreign_cursor_is_told_so(world: World) -> None:
    for path in ("/v1/feed?after=", "/v1/feed.json?before="):
        cursor = "00000000-0000-4000-8000-000000000000:3"
        answer = await world.http.get(path + cursor, headers=world.token())
        assert (answer.status_code, answer.json()["type"]) == (409, "/errors#feed-reset")


async def test_reading_the_feed_is_written_down(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.announced()
    row = await world.alerts.service.pool.fetchrow("SELECT reference, fields, action FROM access_log")
    assert row is not None
    assert tuple(row) == ("child", ["birth_date"], "feed")


async def test_an_empty_feed_writes_nothing_down(world: World) -> None:
    assert await world.announced() == []
    assert await world.alerts.service.pool.fetchval("SELECT count(*) FROM access_log") == 0


async def test_a_stream_hears_help_open_and_close_and_resumes_where_it_stopped(world: World) -> None:
    await world.birth()
    async with served(world.app) as url, httpx.AsyncClient(base_url=url, timeout=10) as http:
        heard: list[tuple[str, str]] = []
        arrived = asyncio.Event()

        async def listen(last: str | None, count: int) -> None:
            headers = world.token() | ({"last-event-id": last} if last else {})
            async with http.stream("GET", "/v1/feed/stream", headers=headers) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                cursor = ""
                async for line in answer.aiter_lines():
                    arrived.set()
                    if line.startswith("id: "):
                        cursor = line[4:]
                    if line.startswith("data: "):
                        heard.append((cursor, json.loads(line[6:])["data"]["kind"]))
                    if len(heard) == count:
                        return

        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(listen(None, 1))
            await arrived.wait()
            await world.on(DAY_15)
        await world.tell(person("child", registered=True))
        async with asyncio.timeout(20):
            await listen(heard[0][0], 2)
        assert [kind for _, kind in heard] == ["opened", "closed"]


async def test_a_stream_ends_so_that_its_reader_is_judged_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_http, "STREAM_SECONDS", 0.0)
    await births(world, 3)
    heard: list[str] = []
    last: dict[str, str] = {}
    for _ in range(3):
        # The client in this process hears only streams that end.
        text = (await world.http.get("/v1/feed/stream", headers=world.token() | last)).text
        heard += [json.loads(line[6:])["data"]["born_on"] for line in text.splitlines() if line.startswith("data: ")]
        last = {"last-event-id": next(line[4:] for line in text.splitlines() if line.startswith("id: "))}
    assert heard == [(BORN + timedelta(days=n)).isoformat() for n in range(3)]
    refused = await world.http.get("/v1/feed/stream", headers=world.token(purpose=None) | last)
    assert refused.status_code == 403


async def entry_ids(world: World, facility: str) -> set[str]:
    """The ids of a facility's announcements."""
    answer = await world.http.get("/v1/feed", headers=world.token(facility))
    return {each["id"] for each in answer.json()["entries"]}


async def test_what_is_announced_after_a_restore_is_new_to_readers(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    opened = await entry_ids(world, "H370102011")
    pool = world.alerts.service.pool
    kept = await pool.fetchrow("SELECT * FROM registration_help")
    assert kept is not None
    await world.tell(person("mother", area=IN_DONGMING))
    before = await entry_ids(world, "H370102011") - opened
    # The backup knew the help as it was; this time it ends another way.
    await pool.execute(
        "UPDATE registration_help SET step = $1, state = $2, facility = $3", kept["step"], "open", kept["facility"]
    )
    await world.tell(person("child", registered=True))
    after = await entry_ids(world, "H370102011") - opened - before
    assert len(before) == len(after) == 1
    assert await entry_ids(world, DONGMING)
