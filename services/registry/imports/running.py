"""The import of a whole file: one process reads it, others judge, seal and write its chunks."""

import csv
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from services.registry.imports import repository as sql
from services.registry.imports.mapping import FileMapping, load
from services.registry.imports.processes import Processes, Stopped, Task, answered, hand
from services.registry.imports.reading import Chunk as Rows
from services.registry.imports.reading import Register, chunks, digest_of, header_of
from services.registry.imports.repository import Counts, Import
from services.registry.imports.rules import DEPARTMENT, Plan, RowFault
from shared.db import Pool, connect, transaction
from shared.settings import Settings
from shared.sharing.departments import Departments

ROWS_IN_CHUNK = 2_000
KEPT_FAULTS = 100_000
"""Of a dry run: a file with more is not a register of this mapping."""
HEADER = ("row", "column", "fault", "问题")


class Refused(Exception):
    """The file is not imported: why, in both languages, without a value of it."""

    def __init__(self, en: str, zh: str) -> None:
        self.en, self.zh = en, zh
        super().__init__(f"{en} · {zh}")


@dataclass(frozen=True)
class Run:
    """One file with its mapping, and how it is imported."""

    settings: Settings
    file: Register
    mapping_text: str
    workers: int = 2
    rows_in_chunk: int = ROWS_IN_CHUNK

    @property
    def mapping(self) -> FileMapping:
        """The mapping. Raises BrokenMapping."""
        return load(self.mapping_text)

    def plan(self) -> tuple[Plan, frozenset[str]]:
        """How rows are read, and the provisioned sources. Raises Refused, BrokenMapping, UnreadableFile or
        MissingColumns."""
        sources = frozenset(Departments.load(self.settings.provisioning).get(DEPARTMENT).sources)
        mapping = self.mapping
        if mapping.source not in sources:
            raise Refused("the mapping's source is not provisioned", "映射文件中的来源系统未登记")
        return Plan.of(mapping, header_of(self.file, mapping)), sources

    async def begin(self, *, resume: bool | None) -> tuple[Import, set[int]]:
        """The import of this file, new or to be gone on with, and its chunks that are committed. Raises Refused: with
        `resume` where there is none to go on with, with False where there is; None takes what there is."""
        mapping = self.mapping
        digest = digest_of(self.file, self.mapping_text)
        async with connected(self.settings) as pool, pool.acquire() as connection:
            known = await sql.by_digest(connection, digest)
            if known is None:
                left = await sql.unfinished(connection, self.file.name, mapping.source)
                if resume:
                    changed = left is not None
                    raise Refused(*(CHANGED if changed else NOTHING_TO_RESUME))
                if left is not None:
                    raise Refused(*ANOTHER_UNFINISHED)
                known = await sql.begin(connection, digest, self.file.name, mapping.source, self.rows_in_chunk)
            elif known.standing == "running" and resume is False:
                raise Refused(*UNFINISHED)
            return known, await sql.chunks(connection, known.import_id)

    async def finish(self, known: Import, faults: Path) -> Counts:
        """Note that all is committed, and write the faults of all chunks."""
        counts = await self.end(known)
        async with connected(self.settings) as pool:
            write_faults(faults, [fault async for chunk in stored_faults(pool, known.import_id) for fault in chunk])
        return counts

    async def end(self, known: Import, *, cancelled: bool = False) -> Counts:
        """Note that all is committed, or all that will be: whoever is in it is told of from now on."""
        async with connected(self.settings) as pool, transaction(pool) as connection:
            await sql.end(connection, known.import_id, cancelled=cancelled)
            return (await sql.counts(connection, [known.import_id])).get(known.import_id, Counts())

    def go(
        self,
        task: Task,
        done: set[int],
        size: int,
        progress: Callable[[int], None],
        stopping: Callable[[], bool] = bool,
    ) -> tuple[Counts, list[RowFault]]:
        """Take all chunks that are not done. Raises Stopped where `stopping` says so, or a process gave up. The first
        KEPT_FAULTS faults of a dry run are kept."""
        counts = Counts()
        faults: list[RowFault] = []
        left = iter(self.left(done, size, progress))
        with Processes(task, self.workers) as pipes:
            busy: set[AnyPipe] = set()
            idle = list(pipes)
            more = True
            while more or busy:
                while idle and more and not stopping():
                    rows = next(left, None)
                    if more := rows is not None:
                        pipe = idle.pop()
                        hand(pipe, rows)
                        busy.add(pipe)
                if stopping():
                    more = False
                for pipe in waited(busy):
                    answer = answered(pipe)
                    busy.discard(pipe)
                    idle.append(pipe)
                    counts += answer.counts
                    faults += answer.faults[: KEPT_FAULTS - len(faults)]
                    progress(answer.rows)
        if stopping():
            raise Stopped("stopped between two chunks")
        return counts, faults

    def left(self, done: set[int], size: int, progress: Callable[[int], None]) -> Iterator[Rows]:
        """Chunks that are not done; the others count as progress at once."""
        for rows in chunks(self.file, self.mapping, size):
            if rows.number in done:
                progress(len(rows.rows))
            else:
                yield rows


AnyPipe: TypeAlias = "Pipe[Any, Any]"

CHANGED = ("the file or its mapping has changed since the import began", "文件或映射在导入开始后被更改")
NOTHING_TO_RESUME = ("no import of this file was begun", "该文件没有未完成的导入")
ANOTHER_UNFINISHED = (
    "another file of this name is not imported to its end; give this one another name, or finish that one",
    "同名的另一文件尚未导入完毕；请改名，或先完成该次导入",
)
UNFINISHED = ("the import of this file was begun; go on with --resume", "该文件的导入已开始；请用 --resume 继续")


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Pool]:
    """A pool for as long as needed."""
    pool = await connect(settings.database_url, most=2)
    try:
        yield pool
    finally:
        await pool.close()


async def stored_faults(pool: Pool, import_id: UUID) -> AsyncIterator[list[RowFault]]:
    """The faults of each chunk, in the order of the file; between two of them no connection is kept, however slowly
    they are read."""
    after = -1
    while True:
        async with pool.acquire() as connection:
            page = await sql.faults(connection, import_id, after)
        if not page:
            return
        for row in page:
            yield [RowFault(*fault) for fault in json.loads(row["faults"])]
        after = page[-1]["chunk"]


def waited(busy: set[AnyPipe]) -> list[AnyPipe]:
    """Wait until one of these has something to say; gives all that have, none where there are none."""
    ready = wait(list(busy)) if busy else []  # of nobody there is no end to waiting
    return [pipe for pipe in busy if pipe in ready]


def write_faults(file: Path, faults: Iterable[RowFault]) -> None:
    """A file that spreadsheets read: UTF-8 with its mark. None is written, and an old one removed, without faults."""
    found: Sequence[RowFault] = sorted(faults)
    if not found:
        file.unlink(missing_ok=True)
        return
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        opened.write(as_csv([HEADER, *found]))


def as_csv(rows: Iterable[Iterable[object]]) -> str:
    """Rows as spreadsheets read them."""
    written = StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()
