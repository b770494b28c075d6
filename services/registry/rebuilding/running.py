"""A whole rebuild: ranges of people in several processes, then the comparison, then the switch."""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from uuid import UUID

from services.registry.contradictions.keeping import Keeping
from services.registry.facts.rebuild import Rebuild
from services.registry.folding import folding_of
from services.registry.moves.keeping import HalfMoves
from services.registry.rebuilding import repository as sql
from services.registry.rebuilding.aside import Aside
from services.registry.rebuilding.handlers import Compared, Rebuilding
from services.registry.rebuilding.telling import TellRighted
from services.registry.statistics.recount import recount_of
from shared import collector
from shared.app import Service, open_service
from shared.settings import Settings

PAGE = 2_000  # people in a range


@dataclass
class Own:
    """What one process works with."""

    loop: asyncio.AbstractEventLoop
    rebuilding: Rebuilding


OWN: list[Own] = []


def rebuilding_of(service: Service) -> Rebuilding:
    """A rebuild with this service's keys, authorities and feeds."""
    folding = folding_of(service)
    tell = TellRighted(folding.telling, folding.feeds)
    aside = Aside(Keeping(service.ring), HalfMoves(service.ring), recount_of(service, folding).counting)
    return Rebuilding(service.pool, Rebuild(folding.vault, folding.authorities), aside, tell)


def open_own(settings: Settings) -> None:
    """Begin a process. Ctrl-C is for whoever hands out the ranges."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collector.seldom()
    loop = asyncio.new_event_loop()
    service = loop.run_until_complete(open_service(settings, connections=1))
    OWN.append(Own(loop, rebuilding_of(service)))


def derive(behind: UUID, until: UUID | None) -> int:
    """Derive one range in this process."""
    (own,) = OWN
    return own.loop.run_until_complete(own.rebuilding.derive(behind, until))


async def run(
    settings: Settings,
    workers: int,
    progress: Callable[[int], None],
    *,
    switch: bool,
    replaced: Callable[[int], None] = lambda people: None,
    page: int = PAGE,
) -> list[Compared]:
    """Rebuild and compare; with `switch`, let what was derived stand. Gives what differed before. Raises Busy."""
    service = await open_service(settings, connections=3)
    try:
        rebuilding = rebuilding_of(service)
        async with rebuilding.alone():
            since = await rebuilding.begin()
            ranges = await rebuilding.ranges(page)
            await asyncio.to_thread(in_processes, settings, workers, ranges, progress)
            found, people = await rebuilding.compare(since)
            if switch:
                await rebuilding.switch(people, replaced)
            await rebuilding.end()
            return found
    finally:
        await service.pool.close()


def in_processes(
    settings: Settings, workers: int, ranges: list[tuple[UUID, UUID | None]], progress: Callable[[int], None]
) -> None:
    """Derive all ranges, several at a time."""
    with ProcessPoolExecutor(workers, get_context("spawn"), open_own, (settings,)) as processes:
        for done in as_completed([processes.submit(derive, *each) for each in ranges]):
            progress(done.result())


async def count_people(settings: Settings) -> int:
    """How many people there are, for a progress bar."""
    service = await open_service(settings, connections=1)
    try:
        async with service.pool.acquire() as connection:
            return await sql.count(connection)
    finally:
        await service.pool.close()
