"""Uploaded registers are imported one after the other, by the engine of the command; whatever ended it, it goes on."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from services.registry.imports import repository as imports
from services.registry.imports.mapping import BrokenMapping
from services.registry.imports.processes import Stopped, Task
from services.registry.imports.reading import UnreadableFile
from services.registry.imports.rules import MissingColumns
from services.registry.imports.running import ROWS_IN_CHUNK, Refused, Run
from services.registry.uploads import repository as sql
from services.registry.uploads.pieces import StoredFile, opened, opened_mapping
from shared.crypto.keyring import KeyRing
from shared.db import Pool, finished, transaction
from shared.feed.follow import PASSING, Again
from shared.settings import Settings

T = TypeVar("T")
TAKINGS = 3
"""How often an upload is taken without coming further: whatever kills its worker would kill it for ever."""
WORKERS = 2
STOPPED = "导入中途停止，可继续"
ENDED_OFTEN = "the worker ended each time in the same place", "工作进程多次在同一处终止"
PATIENCE = 120.0  # seconds for a statement about the upload


@dataclass
class Importer:
    """Takes what is to be done; `workers`: processes that judge and write."""

    pool: Pool
    ring: KeyRing
    settings: Settings
    workers: int = WORKERS
    rows_in_chunk: int = ROWS_IN_CHUNK
    ending: Event = field(default_factory=Event)

    async def step(self) -> bool:
        """Take one upload to its end; whether there was any to take. Cancelled, it ends behind the chunks under way;
        the next call goes on there."""
        async with transaction(self.pool) as alone:  # of its own: idle, it keeps nothing from being vacuumed
            if not await sql.take(alone):
                return False
            await sql.clear(self.pool)
            async with transaction(self.pool) as connection:
                row = await sql.to_do(connection)
            if row is None:
                return False
            try:
                await (self.cancel(row) if row["cancelling"] else self.run(row))
            except (*PASSING, TimeoutError):
                raise
            except Exception as trouble:  # one upload keeps nothing else of the registry from its work
                await self.stop(row, (type(trouble).__name__, STOPPED))
                return False
            await sql.clear(self.pool, row["upload_id"])
        return True

    async def run(self, row: asyncpg.Record) -> None:
        """Import one, or judge it, in a thread: what reads and hands out rows waits, and must keep nobody waiting."""
        async with transaction(self.pool) as connection:
            takings = await sql.begun(connection, row["upload_id"])
        if takings is None:
            return None
        if takings > TAKINGS:
            return await self.stop(row, ENDED_OFTEN)
        self.ending.clear()
        job = Job(self, row, asyncio.get_running_loop())
        running = asyncio.create_task(asyncio.to_thread(job.run))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self.ending.set()
            await running
            await finished(self.leave(row))
            raise
        except PASSING:
            await self.leave(row)
            raise
        standing, why, faults = running.result()
        if standing == "cancelled":
            return await self.cancel(row)
        if standing == "stopped":
            return await self.stop(row, why or ("", ""))
        if standing is not None:
            await self.end(row, standing, why, faults)
        return None

    async def leave(self, row: asyncpg.Record) -> None:
        """It goes on another time, and not because the worker was killed."""
        async with transaction(self.pool) as connection:
            await sql.left(connection, row["upload_id"])

    async def stop(self, row: asyncpg.Record, why: tuple[str, str]) -> None:
        """It waits for somebody to look at it."""
        async with transaction(self.pool) as connection:
            await sql.stop(connection, row["upload_id"], why)

    async def cancel(self, row: asyncpg.Record) -> None:
        """End it as somebody asked."""
        await self.end(row, "cancelled", None, None)

    async def end(
        self, row: asyncpg.Record, standing: str, why: tuple[str, str] | None, faults: list[list[object]] | None
    ) -> None:
        """End it for good: what was committed stays, whoever is in it is told of, and the file is removed."""
        async with transaction(self.pool) as connection:
            now = await sql.one(connection, row["upload_id"])
            if standing != "done" and now is not None and now["import_id"] is not None:
                await imports.end(connection, now["import_id"], cancelled=True)
            await sql.end(connection, row["upload_id"], standing, why, faults)


Outcome = tuple[str | None, tuple[str, str] | None, list[list[object]] | None]
"""Where it stands (None: it goes on another time), why, and the faults of a dry run."""


@dataclass
class Job:
    """One upload, in a thread of its own."""

    importer: Importer
    row: asyncpg.Record
    loop: asyncio.AbstractEventLoop
    cancelled: bool = False

    @property
    def upload(self) -> UUID:
        """Which one."""
        found: UUID = self.row["upload_id"]
        return found

    def run(self) -> Outcome:
        """Go through the file."""
        row, importer = self.row, self.importer
        suffix = ".parquet" if row["format"] == "parquet" else ".csv"
        file = StoredFile(row["name"], suffix, row["size"], self.piece)
        try:
            run = Run(importer.settings, file, self.mapping(), importer.workers, importer.rows_in_chunk)
            return self.judged(run) if row["dry_run"] else self.imported(run)
        except MissingColumns as missing:
            why = f"lacks columns that the mapping names: {missing}", f"缺少映射文件中的列：{missing}"
            return "refused", why, None
        except BrokenMapping as broken:
            return "refused", (str(broken), str(broken)), None
        except UnreadableFile as fault:
            return "refused", (str(fault), str(fault)), None
        except Refused as refused:
            return "refused", (refused.en, refused.zh), None
        except Stopped as stopped:
            if self.cancelled:
                return "cancelled", None, None
            if importer.ending.is_set():
                return None, None, None
            return "stopped", (str(stopped), STOPPED), None
        except PASSING:
            raise
        except Exception as trouble:
            return "stopped", (type(trouble).__name__, STOPPED), None

    def judged(self, run: Run) -> Outcome:
        """Judge all rows."""
        plan, sources = run.plan()
        task = Task(run.settings, plan, sources, None)
        _, faults = run.go(task, set(), run.rows_in_chunk, self.progress, self.stopping)
        return "done", None, [list(fault) for fault in sorted(faults)]

    def imported(self, run: Run) -> Outcome:
        """Import all rows."""
        plan, sources = run.plan()
        known, done = asyncio.run(run.begin(resume=None))
        self.ask(lambda: self.became(known.import_id))
        if known.standing == "running":
            task = Task(run.settings, plan, sources, known.import_id)
            run.go(task, done, known.rows_in_chunk, self.progress, self.stopping)
            asyncio.run(run.end(known))
        return "done", None, None

    def piece(self, number: int) -> bytes:
        """A piece of the file, opened."""

        async def read() -> bytes:
            async with self.importer.pool.acquire() as connection:
                return await sql.read_piece(connection, self.upload, self.row["attempt"], number)

        try:
            return opened(self.importer.ring, self.upload, number, self.ask(read))
        except OSError as away:  # who reads files would take it for a fault of the file
            raise Again from away

    def mapping(self) -> str:
        """How it is read."""

        async def read() -> bytes:
            async with self.importer.pool.acquire() as connection:
                return await sql.mapping(connection, self.upload)

        return opened_mapping(self.importer.ring, self.upload, self.ask(read))

    def progress(self, rows: int) -> None:
        """Note rows that were looked at, and hear whether somebody cancelled."""

        async def note() -> bool:
            async with transaction(self.importer.pool) as connection:
                return await sql.progress(connection, self.upload, rows)

        self.cancelled = self.ask(note) or self.cancelled

    def stopping(self) -> bool:
        """Whether it is to end behind the chunks under way."""
        return self.cancelled or self.importer.ending.is_set()

    async def became(self, import_id: UUID) -> None:
        """Note which import it is."""
        async with transaction(self.importer.pool) as connection:
            await sql.became(connection, self.upload, import_id)

    def ask(self, what: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Ask the database by the loop that owns its connections."""
        return asyncio.run_coroutine_threadsafe(what(), self.loop).result(PATIENCE)
