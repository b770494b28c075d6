"""The processes of an import: each judges, seals and writes chunks that it is handed."""

import asyncio
import signal
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.registry.facts.told import CARE_FEED, CHANGES
from services.registry.folding import folding_of
from services.registry.imports.handlers import Chunk, Importing
from services.registry.imports.reading import Chunk as Rows
from services.registry.imports.repository import CommittedBefore, Counts, Ended
from services.registry.imports.rules import Entry, Plan, RowFault
from shared import collector
from shared.app import open_service
from shared.db import AWAY, transaction
from shared.feed import heads
from shared.feed.follow import Again
from shared.settings import Settings


class Stopped(Exception):
    """The import stopped before its end; what was committed stays, and `--resume` goes on behind it."""


class Answer(NamedTuple):
    """What a process says of a chunk: rows looked at, what became of them, and their faults; or its trouble."""

    rows: int
    counts: Counts
    faults: list[RowFault]
    trouble: str | None = None


class Task(NamedTuple):
    """What a process is told to begin with. Without an import it judges and writes nothing."""

    settings: Settings
    plan: Plan
    sources: frozenset[str]
    import_id: UUID | None


class Processes:
    """Processes that take chunks, for as long as the block lasts."""

    def __init__(self, task: Task, workers: int) -> None:
        self.task, self.workers = task, workers
        self.running: list[tuple[BaseProcess, Pipe]] = []

    def __enter__(self) -> list[Pipe]:
        context = get_context("spawn")
        for _ in range(self.workers):
            mine, its = context.Pipe()
            process = context.Process(target=take_chunks, args=(self.task, its), daemon=True)
            process.start()
            its.close()  # so that each side notices the other's end
            self.running.append((process, mine))
        return [pipe for _, pipe in self.running]

    def __exit__(self, *raised: object) -> None:
        for _, pipe in self.running:
            pipe.close()
        for process, _pipe in self.running:
            process.join()


def hand(pipe: Pipe, rows: Rows) -> None:
    """Give a process a chunk. Raises Stopped where it is gone."""
    try:
        pipe.send(rows)
    except OSError:
        raise Stopped("a process of the import has ended") from None


def answered(pipe: Pipe) -> Answer:
    """What a process says. Raises Stopped where it is gone or gave up."""
    try:
        answer: Answer = pipe.recv()
    except (EOFError, OSError):
        raise Stopped("a process of the import has ended") from None
    if answer.trouble is not None:
        raise Stopped(answer.trouble)
    return answer


def take_chunks(task: Task, pipe: Pipe) -> None:
    """A process: takes chunks until the other end is gone. Ctrl-C is for whoever hands them out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collector.seldom()
    asyncio.run(taking(task, pipe))


async def taking(task: Task, pipe: Pipe) -> None:
    """Judge each chunk, and import it."""
    service = importing = None
    try:
        if task.import_id is not None:
            service = await open_service(task.settings, connections=2)
            async with transaction(service.pool) as connection:
                for feed in (CHANGES, CARE_FEED):
                    await heads.ensure(connection, feed)
            importing = Importing(service.pool, folding_of(service))
        for rows in handed(pipe):
            entries, faults = judged(task.plan, rows, task.sources)
            counts, trouble = Counts(faults=len(faults)), None
            if importing is not None and task.import_id is not None:
                try:
                    counts = await importing.take(Chunk(task.import_id, rows.number, entries, faults))
                except CommittedBefore:
                    counts = Counts()  # by a process that outlived whoever it worked for
                except Ended:
                    trouble = "it was ended meanwhile"
                except (*AWAY, Again, asyncpg.PostgresError) as error:
                    trouble = f"the database: {type(error).__name__}"
                faults = []  # stored with the chunk
            pipe.send(Answer(len(rows.rows), counts, faults, trouble))
    finally:
        if service is not None:
            await service.pool.close()


def handed(pipe: Pipe) -> Iterator[Rows]:
    """Chunks, until the other end is gone."""
    while True:
        try:
            yield pipe.recv()
        except (EOFError, OSError):
            return


def judged(plan: Plan, rows: Rows, sources: frozenset[str]) -> tuple[list[Entry], list[RowFault]]:
    """The rows that may be imported, and the faults of the others."""
    entries, faults = [], []
    for number, row in enumerate(rows.rows, start=rows.first):
        entry, found = plan.judge(number, row, sources)
        faults += found
        if entry is not None:
            entries.append(entry)
    return entries, faults
