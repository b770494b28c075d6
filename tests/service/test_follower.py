"""Following a feed: cursor and effects move together or not at all, once, whatever goes wrong in between."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest

from shared.db import AWAY, Connection, transaction
from shared.feed import parked
from shared.feed.follow import FeedEntry, FeedPage, Fenced, Hole, OtherSideAway, Reset
from shared.feed.retry import entry_of
from tests.followed_world import FEED, Line
from tests.line import until

pytest_plugins = ["tests.kafka", "tests.followed"]

BOTH = pytest.mark.parametrize("followed", ["pull", "kafka"], indirect=True)


@BOTH
async def test_every_entry_is_handled_once_and_in_order(followed: Line) -> None:
    ids = await followed.append(10)
    await followed.drain(followed.follower())
    assert await followed.effects() == ids
    assert await followed.position() == 10
    ids += await followed.append(3)
    await followed.drain(followed.follower())
    assert await followed.effects() == ids


@BOTH
async def test_many_followers_of_one_partition_have_one_followers_effects(followed: Line) -> None:
    ids = await followed.append(40)

    async def follow() -> int:
        follower, fenced = followed.follower(), 0
        while await followed.position() < 40:
            try:
                await follower.step()
            except Fenced:
                fenced += 1
        return fenced

    fenced = await asyncio.gather(*(follow() for _ in range(6)))
    assert await followed.effects() == ids
    assert sum(fenced) > 0


@BOTH
async def test_a_follower_that_wakes_up_late_changes_nothing(followed: Line) -> None:
    ids = await followed.append(4)
    await followed.drain(followed.follower())
    ids += await followed.append(4)
    asleep, held = asyncio.Event(), asyncio.Event()
    fetch = followed.fetching()

    async def late(feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        page = await fetch(feed, partition, after, limit, wait)
        while not page.entries:
            page = await fetch(feed, partition, after, limit, wait)
        held.set()
        await asleep.wait()
        return page

    zombie = asyncio.create_task(followed.follower(fetch=late).step())
    await held.wait()
    await followed.drain(followed.follower())
    asleep.set()
    with pytest.raises(Fenced):
        await zombie
    assert await followed.effects() == ids


@BOTH
async def test_an_entry_that_cannot_be_handled_is_parked_and_may_be_settled_later(followed: Line) -> None:
    ids = await followed.append(7)
    followed.poison = {ids[1], ids[5]}
    await followed.drain(followed.follower())
    assert await followed.effects() == [each for each in ids if each not in followed.poison]
    assert await followed.position() == 7
    waiting = await parked.unsettled(followed.target)  # type: ignore[arg-type]
    assert [(each["entry_id"], each["fault"], each["origin"]) for each in waiting] == [
        (ids[1], "ValueError", FEED),
        (ids[5], "ValueError", FEED),
    ]

    async def settle(parked_id: UUID) -> bool:
        async with transaction(followed.target) as connection:
            taken = await parked.take(connection, followed.ring, parked_id)
            if taken is None:
                return False
            origin, entry_id, body = taken
            entry = entry_of(entry_id, body)
            assert (origin, bytes(entry.data)) == (FEED, b'"%s"' % str(entry_id).encode())
            await followed.handle(connection, [entry])
            return True

    first = UUID(str(waiting[0]["parked_id"]))
    with pytest.raises(ValueError, match="cannot be handled"):
        await settle(first)
    assert len(await parked.unsettled(followed.target)) == 2  # type: ignore[arg-type]
    followed.poison = {ids[5]}
    assert sorted(await asyncio.gather(settle(first), settle(first))) == [False, True]
    assert (await followed.effects())[-1] == ids[1]
    assert [each["entry_id"] for each in await parked.unsettled(followed.target)] == [ids[5]]  # type: ignore[arg-type]


async def test_parked_bodies_are_sealed(followed: Line) -> None:
    ids = await followed.append(1)
    followed.poison = set(ids)
    await followed.drain(followed.follower())
    stored = await followed.target.fetchval("SELECT body FROM parked")
    assert str(ids[0]).encode() not in stored


@BOTH
async def test_withheld_entries_are_passed_over(followed: Line) -> None:
    ids = await followed.append(6)
    await followed.source.execute("UPDATE feed_entry SET body = NULL WHERE position IN (2, 6)")
    await followed.drain(followed.follower())
    assert await followed.effects() == [ids[0], ids[2], ids[3], ids[4]]
    assert await followed.position() == 6


@BOTH
async def test_after_a_reset_everything_is_read_again_from_the_beginning(followed: Line) -> None:
    ids = await followed.append(3)
    await followed.drain(followed.follower())
    await followed.source.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
    follower = followed.follower()
    async with asyncio.timeout(60):
        while await followed.position():
            assert await follower.step() == 0, "nothing is handled before the follower stands at the beginning"
    await followed.drain(followed.follower())
    assert await followed.effects() == [*ids, *ids]  # handlers know entries by id; this one does not


async def test_a_place_behind_the_head_is_a_reset_too(followed: Line) -> None:
    ids = await followed.append(3)
    await followed.drain(followed.follower())
    await followed.source.execute("UPDATE feed_head SET position = 2")
    await followed.source.execute("DELETE FROM feed_entry WHERE position = 3")
    await followed.drain(followed.follower())  # beyond the head: reset, nothing more
    await followed.drain(followed.follower())
    assert (await followed.effects())[3:] == ids[:2]
    assert await followed.position() == 2


async def test_a_feed_that_always_resets_is_waited_for_and_not_asked_without_end(followed: Line) -> None:
    async def reset(feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        raise Reset

    with pytest.raises(OtherSideAway):
        await followed.follower(fetch=reset).step()


@BOTH
async def test_a_hole_is_never_passed(followed: Line) -> None:
    await followed.append(3)
    await followed.source.execute("DELETE FROM feed_entry WHERE position = 2")
    with pytest.raises(Hole, match="position 2"):
        await followed.follower().step()
    assert (await followed.effects(), await followed.position()) == ([], 0)


TROUBLES = {
    "other side away": OtherSideAway("ConnectError"),
    "deadlock": asyncpg.DeadlockDetectedError("x"),
    "disk full": asyncpg.DiskFullError("x"),
    "cut off in an answer": asyncpg.InternalClientError("x"),
    "connection refused": ConnectionRefusedError(),
    "time out": TimeoutError(),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_trouble_that_passes_parks_nothing_and_is_tried_again(followed: Line, trouble: Exception) -> None:
    ids = await followed.append(3)
    broken = True

    async def handle(connection: Connection, entries: Sequence[FeedEntry]) -> None:
        await followed.handle(connection, entries)
        if broken:
            raise trouble

    follower = followed.follower(handle=handle)
    for _ in range(2):
        with pytest.raises(type(trouble)):
            await follower.step()
    assert (await followed.effects(), await followed.position()) == ([], 0)
    broken = False
    await followed.drain(follower)
    assert await followed.effects() == ids
    assert await followed.target.fetchval("SELECT count(*) FROM parked") == 0


async def test_a_value_the_database_cannot_take_is_parked_and_does_not_block_the_feed(followed: Line) -> None:
    ids = await followed.append(3)

    async def handle(connection: Connection, entries: Sequence[FeedEntry]) -> None:
        await followed.handle(connection, entries)
        if any(entry.id == ids[1] for entry in entries):
            await connection.execute("SELECT $1::smallint", 10**9)  # refused by asyncpg, not by the server

    await followed.drain(followed.follower(handle=handle))
    assert await followed.effects() == [ids[0], ids[2]]
    assert await followed.target.fetchval("SELECT count(*) FROM parked") == 1


@BOTH
async def test_a_connection_that_dies_between_effects_and_cursor_leaves_neither(followed: Line) -> None:
    ids = await followed.append(4)
    die = True

    async def handle(connection: Connection, entries: Sequence[FeedEntry]) -> None:
        nonlocal die
        await followed.handle(connection, entries)
        if die:
            die = False
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    follower = followed.follower(handle=handle)
    with pytest.raises(AWAY):
        await follower.step()
    assert (await followed.effects(), await followed.position()) == ([], 0)
    await followed.drain(follower)
    assert (await followed.effects(), await followed.position()) == (ids, 4)
    assert await followed.target.fetchval("SELECT count(*) FROM parked") == 0


async def test_a_follower_cancelled_anywhere_leaves_cursor_and_effects_together(followed: Line) -> None:
    ids = await followed.append(60)
    for steps in range(120):
        task = asyncio.create_task(followed.follower(limit=1).step())
        for _ in range(steps % 30):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert len(await followed.effects()) == await followed.position()
    await followed.drain(followed.follower())
    assert await followed.effects() == ids


@pytest.mark.parametrize("lost", [2, 3])
async def test_a_missing_entry_holds_the_follower_up_until_it_is_put_back_and_ends_no_process(
    followed: Line, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await followed.append(3)
    (row,) = await followed.source.fetch("DELETE FROM feed_entry WHERE position = $1 RETURNING *", lost)
    follower = followed.follower()
    if lost == 3:
        assert await follower.step() == 2
    with pytest.raises(Hole):
        await follower.step()
    monkeypatch.setattr("shared.feed.follow.STANDS_STILL", 0.05)
    running = asyncio.create_task(follower.run())
    try:
        await followed.source.execute("INSERT INTO feed_entry VALUES ($1, $2, $3, $4, $5, $6)", *row.values())
        await until(lambda: caught_up(followed, 3), "all three are taken")
        assert not running.done()
    finally:
        running.cancel()
    assert await followed.effects() == ids


async def caught_up(followed: Line, position: int) -> bool:
    """Whether the follower has come that far."""
    return await followed.position() == position


class Fetched:
    """Pages of a line, and behind which cursor each was asked for."""

    def __init__(self, followed: Line) -> None:
        self.followed, self.asked = followed, list[str | None]()

    async def __call__(self, feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        self.asked.append(after)
        return await self.followed.fetch(feed, partition, after, limit, wait)


async def test_the_page_behind_a_full_one_is_fetched_while_that_is_handled(followed: Line) -> None:
    ids = await followed.append(10)
    epoch = await followed.source.fetchval("SELECT epoch FROM feed_head WHERE feed = $1", FEED)
    fetched, during, behind = Fetched(followed), list[int](), list[bool]()

    async def handle(connection: Connection, entries: Sequence[FeedEntry]) -> None:
        await until(lambda: len(fetched.asked) > len(during) + 1 or len(entries) < 4, "the next page is asked for")
        during.append(len(entries))
        behind.append(follower.behind)
        await followed.handle(connection, entries)

    follower = followed.follower(fetch=fetched, handle=handle)
    while await follower.step(ahead=True):
        pass
    assert await followed.effects() == ids
    assert during == [4, 4, 2]
    assert behind == [True, True, False]
    assert fetched.asked == [None, f"{epoch}:4", f"{epoch}:8", f"{epoch}:10"]  # each page once


@pytest.mark.parametrize("stands", ["rewound", "in another epoch", "moved on by another follower"])
async def test_a_page_that_was_fetched_ahead_is_dropped_where_the_cursor_stands_elsewhere(
    followed: Line, stands: str
) -> None:
    ids = await followed.append(12)
    fetched = Fetched(followed)
    follower = followed.follower(fetch=fetched)
    assert await follower.step(ahead=True) == 4
    assert follower.ahead is not None
    if stands == "rewound":
        await followed.target.execute("UPDATE feed_cursor SET position = 2 WHERE feed = $1", FEED)
    elif stands == "in another epoch":
        await followed.source.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
        await followed.target.execute("UPDATE feed_cursor SET epoch = NULL, position = 0 WHERE feed = $1", FEED)
    else:
        assert await followed.follower().step() == 4
    await follower.step(ahead=True)
    again = {"rewound": ids[2:6], "in another epoch": ids[:4], "moved on by another follower": ids[4:12]}[stands]
    assert await followed.effects() == ids[:4] + again


async def test_a_reset_that_was_met_ahead_is_a_reset(followed: Line) -> None:
    ids = await followed.append(8)
    changed = asyncio.Event()

    async def fetch(feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        if after is not None:
            await changed.wait()
        return await followed.fetch(feed, partition, after, limit, wait)

    follower = followed.follower(fetch=fetch)
    assert await follower.step(ahead=True) == 4
    await followed.source.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
    changed.set()
    assert await follower.step(ahead=True) == 0
    await followed.drain(follower)
    assert await followed.effects() == ids[:4] + ids
