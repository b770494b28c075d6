"""Feeds stay dense and ordered whatever sixteen writers do: pause, repeat themselves, roll back, are cancelled."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.crypto.keyring import KeyRing
from shared.db import connect, transaction
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.feed.values import Cursor, NewEntry
from tests.conftest import Database

FEEDS = {"one": 1, "four": 4}
PLACES = [(feed, partition) for feed, partitions in FEEDS.items() for partition in range(partitions)]
Place = tuple[str, int]


class RolledBack(Exception):
    """The writer changed its mind."""


@dataclass(frozen=True)
class Step:
    """One transaction of a writer: entries per place, in this order; milliseconds before and after; how it ends."""

    places: list[Place]
    again: bool
    before: int
    after: int
    ends: str


STEPS = st.builds(
    Step,
    st.lists(st.sampled_from(PLACES), min_size=1, max_size=6),
    st.booleans(),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["commit", "commit", "commit", "commit", "roll back", "cancelled"]),
)
PLANS = st.lists(st.lists(STEPS, min_size=1, max_size=4), min_size=16, max_size=16)


class Writers:
    """Sixteen writers, and what they know of what they wrote."""

    def __init__(self, log: FeedLog) -> None:
        self.log = log
        self.committed: dict[Place, list[list[UUID]]] = defaultdict(list)
        self.undone: set[UUID] = set()
        self.unsure: set[UUID] = set()

    async def write(self, pool: object, plan: list[Step]) -> None:
        """One writer's transactions, one after the other."""
        mine: dict[Place, list[UUID]] = defaultdict(list)
        for step in plan:
            rows: dict[str, list[NewEntry]] = defaultdict(list)
            new: list[tuple[Place, UUID]] = []
            for feed, partition in step.places:
                known = mine[feed, partition]
                entry_id = known[-1] if step.again and known else uuid4()
                rows[feed].append(NewEntry(entry_id, b"1", partition))
                if entry_id not in known:
                    new.append(((feed, partition), entry_id))
            task = asyncio.create_task(self.attempt(pool, step, rows))
            try:
                if step.ends == "cancelled":
                    await asyncio.sleep(step.after / 1000)
                    task.cancel()
                await task
            except RolledBack:
                self.undone.update(entry_id for _, entry_id in new)
            except asyncio.CancelledError:
                self.unsure.update(entry_id for _, entry_id in new)
            else:
                for place, entry_id in dict.fromkeys(new):
                    mine[place].append(entry_id)
        for place, ids in mine.items():
            self.committed[place].append(ids)

    async def attempt(self, pool: object, step: Step, rows: dict[str, list[NewEntry]]) -> None:
        """One transaction."""
        async with transaction(pool) as connection:  # type: ignore[arg-type]
            await asyncio.sleep(step.before / 1000)
            await self.log.append_all(connection, rows)
            await asyncio.sleep(step.after / 1000)
            if step.ends == "roll back":
                raise RolledBack


async def follow(pool: object, log: FeedLog, place: Place, done: asyncio.Event) -> list[UUID]:
    """Poll all the time; every page must continue without a hole where the one before ended."""
    cursor: Cursor | None = None
    seen: list[UUID] = []
    latest = None
    while True:
        last_look = done.is_set()
        async with pool.acquire() as connection:  # type: ignore[attr-defined]
            page = await log.read(connection, *place, cursor, 7)
        for entry in page.entries:
            assert entry.position == len(seen) + 1
            assert latest is None or entry.recorded_at >= latest
            latest = entry.recorded_at
            seen.append(entry.entry_id)
        assert page.head >= len(seen)
        cursor = page.next_after
        if last_look and not page.entries:
            assert page.head == len(seen)
            return seen
        await asyncio.sleep(0.001)


async def play(url: str, ring: KeyRing, plans: list[list[Step]]) -> None:
    """All writers and followers at once."""
    pool, log = await connect(url, most=24), FeedLog(ring)
    try:
        async with transaction(pool) as connection:
            await connection.execute("TRUNCATE feed_head, feed_entry")
            for feed, partitions in FEEDS.items():
                await heads.ensure(connection, feed, partitions)
        writers, done = Writers(log), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            followers = {place: tasks.create_task(follow(pool, log, place, done)) for place in PLACES}
            async with asyncio.TaskGroup() as writing:
                for plan in plans:
                    writing.create_task(writers.write(pool, plan))
            done.set()
        for place, follower in followers.items():
            seen = follower.result()
            assert len(set(seen)) == len(seen)
            assert not writers.undone.intersection(seen)
            for ids in writers.committed[place]:
                # Whoever commits first stands first: a writer's own entries keep their order.
                assert [entry_id for entry_id in seen if entry_id in set(ids)] == ids
            told = {entry_id for ids in writers.committed[place] for entry_id in ids}
            assert told <= set(seen) <= told | writers.unsure
    finally:
        await pool.close()


async def test_followers_see_every_position_once_in_order_and_no_hole(database: Database, tmp_path: Path) -> None:
    url, ring = await database("exchange"), KeyRing.create(tmp_path / "keys", ["feed"])

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(PLANS)
    def plays(plans: list[list[Step]]) -> None:
        asyncio.run(play(url, ring, plans))

    await asyncio.to_thread(plays)


async def test_the_same_entries_from_many_writers_at_once_are_appended_once(database: Database, tmp_path: Path) -> None:
    pool, log = await connect(await database("exchange"), most=12), FeedLog(KeyRing.create(tmp_path / "keys", ["feed"]))
    try:
        await heads.ensure(pool, "one")  # type: ignore[arg-type]
        ids = [uuid4() for _ in range(12)]

        async def append(first: int) -> int:
            new = 0
            for start in range(12):
                rows = [NewEntry(ids[(first + start + step) % 12], b"1") for step in (0, 5, 0)]
                async with transaction(pool) as connection:
                    new += await log.append(connection, "one", rows)
            return new

        assert sum(await asyncio.gather(*(append(first) for first in range(10)))) == 12
        async with pool.acquire() as connection:
            page = await log.read(connection, "one", 0, None, 100)
        assert [entry.position for entry in page.entries] == list(range(1, 13))
        assert {entry.entry_id for entry in page.entries} == set(ids)
        assert page.head == 12
    finally:
        await pool.close()
