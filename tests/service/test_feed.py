"""Reading feeds: cursors, long poll, streams, withheld entries. Over HTTP, on a department's own feed."""

import asyncio
import json
import time
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from services.exchange.feeds.names import department_feed
from shared.db import connect, transaction
from shared.feed import http
from shared.feed.values import NewEntry
from shared.feed.watch import Watch
from tests.exchange_world import Exchange, served, until

pytest_plugins = ["tests.exchange"]

FEED = department_feed("health")
MINE = "health"


async def append(exchange: Exchange, count: int = 1) -> list[UUID]:
    """Entries on the feed of health, by a connection of their own."""
    ids = [uuid4() for _ in range(count)]
    pool = await connect(exchange.settings.database_url, most=1)
    async with transaction(pool) as connection:
        rows = [NewEntry(entry_id, json.dumps({"n": str(entry_id)}).encode()) for entry_id in ids]
        await exchange.service.feeds.append(connection, FEED, rows)
    await pool.close()
    return ids


async def get(exchange: Exchange, **query: str | int) -> httpx.Response:
    """A page of the feed of health."""
    return await exchange.http.get("/v1/feed", params=query, headers=exchange.headers(MINE))


async def test_pages_continue_where_the_last_one_ended(exchange: Exchange) -> None:
    ids = await append(exchange, 5)
    seen: list[str] = []
    after = ""
    for expected in (2, 2, 1, 0):
        query: dict[str, str | int] = {"limit": 2} | ({"after": after} if after else {})
        page = (await get(exchange, **query)).json()
        assert page["head"] == 5
        assert len(page["entries"]) == expected
        assert [entry["position"] for entry in page["entries"]] == list(range(len(seen) + 1, len(seen) + expected + 1))
        seen += [entry["id"] for entry in page["entries"]]
        assert all(entry["data"] == {"n": entry["id"]} for entry in page["entries"])
        after = page["next_after"]
        assert after == f"{page['epoch']}:{len(seen)}"
    assert seen == [str(entry_id) for entry_id in ids]


async def test_a_cursor_of_another_epoch_or_beyond_the_head_is_answered_feed_reset(exchange: Exchange) -> None:
    await append(exchange, 2)
    epoch = (await get(exchange)).json()["epoch"]
    assert (await get(exchange, after=f"{epoch}:2")).status_code == 200
    for cursor in (f"{epoch}:3", f"{uuid4()}:1", f"{uuid4()}:0"):
        answer = await get(exchange, after=cursor)
        assert (answer.status_code, answer.json()["type"]) == (409, "/errors#feed-reset")
        assert answer.json()["epoch"] == epoch
        # Not a silent wait for a log that is gone, either.
        assert (await get(exchange, after=cursor, wait=20)).status_code == 409


async def test_what_is_no_cursor_limit_wait_or_partition_is_refused(exchange: Exchange) -> None:
    epoch = (await get(exchange)).json()["epoch"]
    for query in (
        {"after": "5"},
        {"after": f"{epoch}:-1"},
        {"after": f"{epoch}:1\n"},
        {"after": f"{epoch}:٣"},
        {"after": f"{epoch}:{10**30}"},
        {"after": f"{epoch}:01"},
        {"after": "\x00"},
        {"limit": 0},
        {"limit": 1001},
        {"wait": "nan"},
        {"wait": "inf"},
        {"wait": -1},
        {"wait": 31},
    ):
        answer = await get(exchange, **query)
        assert answer.status_code == 422, (query, answer.text)
        assert answer.json()["faults"]


async def test_fifty_readers_wait_without_a_connection_and_wake_together(exchange: Exchange) -> None:
    service = exchange.service
    pool = await connect(exchange.settings.database_url, most=1)
    narrow, service.pool, service.watch = service.pool, pool, Watch(pool)
    try:
        after = (await get(exchange)).json()["next_after"]
        readers = [asyncio.create_task(get(exchange, after=after, wait=20)) for _ in range(50)]
        await until(lambda: sum(map(len, service.watch.waiting.values())) == 50)
        # Somebody else can use the only connection at once, again and again.
        for _ in range(20):
            async with asyncio.timeout(1):
                assert await pool.fetchval("SELECT 1") == 1
            await asyncio.sleep(0.005)
        await append(exchange)
        appended = time.monotonic()
        answers = await asyncio.gather(*readers)
        assert time.monotonic() - appended < 2
        assert all(len(answer.json()["entries"]) == 1 for answer in answers)
        assert not service.watch.waiting
    finally:
        await pool.close()
        service.pool, service.watch = narrow, Watch(narrow)


async def test_a_reader_that_waits_in_vain_is_answered_in_time_and_leaves_nothing_behind(exchange: Exchange) -> None:
    began = time.monotonic()
    page = (await get(exchange, wait=1)).json()
    assert 0.9 < time.monotonic() - began < 5
    assert page["entries"] == []
    reader = asyncio.create_task(get(exchange, after=page["next_after"], wait=20))
    await until(lambda: exchange.service.watch.waiting)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert not exchange.service.watch.waiting


async def test_a_waiting_reader_survives_a_database_that_goes_away_and_comes_back(exchange: Exchange) -> None:
    after = (await get(exchange)).json()["next_after"]
    reader = asyncio.create_task(get(exchange, after=after, wait=20))
    await until(lambda: exchange.service.watch.waiting)
    other = await asyncpg.connect(exchange.settings.database_url)
    try:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await other.close()
    await append(exchange)
    assert len((await reader).json()["entries"]) == 1


async def test_withheld_entries_keep_their_positions(exchange: Exchange) -> None:
    ids = await append(exchange, 3)
    await exchange.service.pool.execute("UPDATE feed_entry SET body = NULL WHERE position = 2")
    entries = (await get(exchange)).json()["entries"]
    assert [entry["position"] for entry in entries] == [1, 2, 3]
    assert entries[1] == {"position": 2, "withheld": True}
    assert [entries[0]["id"], entries[2]["id"]] == [str(ids[0]), str(ids[2])]


class Stream:
    """A stream of Server-Sent Events, read part by part (parts end with an empty line)."""

    def __init__(self, answer: httpx.Response) -> None:
        self.lines = answer.aiter_lines()

    async def part(self) -> dict[str, str]:
        """Fields of the next part; a comment has the field ""."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(5):
            async for line in self.lines:
                if not line:
                    return fields
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
        raise AssertionError("the stream ended")

    async def kinds(self, count: int) -> list[str]:
        """What the next parts are: id of an entry, `reset`, or `comment`."""
        found: list[str] = []
        while len(found) < count:
            part = await self.part()
            if "retry" not in part:
                found.append(part.get("id", "").partition(":")[2] or part.get("event", "comment"))
        return found


async def test_a_stream_resumes_after_the_last_event_id_and_resets_when_it_is_unknown(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "COMMENT_EVERY", 0.2)
    await append(exchange, 3)
    epoch = (await get(exchange)).json()["epoch"]
    headers = exchange.headers(MINE)
    async with served(exchange.app) as url, httpx.AsyncClient(base_url=url, timeout=10) as client:

        async def kinds(count: int, last: str | None) -> list[str]:
            given = headers | ({"last-event-id": last} if last is not None else {})
            async with client.stream("GET", "/v1/feed/stream", headers=given) as answer:
                assert answer.status_code == 200
                assert answer.headers["content-type"].startswith("text/event-stream")
                return await Stream(answer).kinds(count)

        assert await kinds(4, None) == ["1", "2", "3", "comment"]
        assert await kinds(3, f"{epoch}:1") == ["2", "3", "comment"]
        assert await kinds(2, f"{epoch}:3") == ["comment", "comment"]
        for unknown in (f"{epoch}:9", f"{uuid4()}:1", "nonsense"):
            assert await kinds(4, unknown) == ["reset", "1", "2", "3"], unknown

        async with client.stream("GET", "/v1/feed/stream", headers=headers | {"last-event-id": f"{epoch}:3"}) as answer:
            stream = Stream(answer)
            assert await stream.kinds(1) == ["comment"]
            (entry_id,) = await append(exchange)
            part = await stream.part()
            while "data" not in part:
                part = await stream.part()
            assert part["id"] == f"{epoch}:4"
            assert json.loads(part["data"])["id"] == str(entry_id)


async def test_an_open_stream_holds_no_connection(exchange: Exchange) -> None:
    async with served(exchange.app) as url, httpx.AsyncClient(base_url=url, timeout=10) as client:
        async with client.stream("GET", "/v1/feed/stream", headers=exchange.headers(MINE)) as answer:
            stream = Stream(answer)
            await stream.part()
            await until(lambda: exchange.service.watch.waiting)
            activity = await exchange.service.pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state = 'idle in transaction'"
            )
            assert activity == 0
        await until(lambda: not exchange.service.watch.waiting)


async def test_a_stream_ends_so_that_its_reader_is_judged_again(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STREAM_SECONDS", 0.3)
    monkeypatch.setattr(http, "COMMENT_EVERY", 0.1)
    ids = await append(exchange, 3)
    began = time.monotonic()
    # The client in this process hears only streams that end.
    answer = await exchange.http.get("/v1/feed/stream", headers=exchange.headers(MINE))
    assert 0.3 <= time.monotonic() - began < 5
    assert [json.loads(line[6:])["id"] for line in answer.text.splitlines() if line.startswith("data: ")] == list(
        map(str, ids)
    )
    assert ": still here" in answer.text
    assert not exchange.service.watch.waiting


async def test_streams_that_end_at_once_still_bring_everything_once_and_in_order(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STREAM_SECONDS", 0.0)
    ids = await append(exchange, 3)
    heard: list[str] = []
    last: dict[str, str] = {}
    for _ in ids:
        lines = (await exchange.http.get("/v1/feed/stream", headers=exchange.headers(MINE) | last)).text.splitlines()
        heard += [json.loads(line[6:])["id"] for line in lines if line.startswith("data: ")]
        last = {"last-event-id": next(line[4:] for line in lines if line.startswith("id: "))}
    assert heard == list(map(str, ids))
