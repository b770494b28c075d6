"""Registers that are sent over HTTP: begun, received in sealed pieces, looked at, cancelled, gone on with."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import asyncpg

from services.registry.facts.repository import new_ids
from services.registry.imports import repository as imports
from services.registry.imports.mapping import BrokenMapping, load
from services.registry.imports.repository import Counts
from services.registry.imports.rules import DEPARTMENT
from services.registry.imports.running import HEADER, as_csv, stored_faults
from services.registry.uploads import repository as sql
from services.registry.uploads.pieces import PIECE, sealed, sealed_mapping
from services.registry.uploads.schemas import Format, ImportState, ImportStates, Rows
from shared.auth.caller import Caller
from shared.crypto.keyring import KeyRing
from shared.db import Connection, Pool, transaction
from shared.errors import Conflict, Fault, Invalid, NotFound, Text, TooLarge
from shared.sharing.departments import Departments

NO_FILE_AWAITED = Text("No file is awaited for this import.", "该导入当前不接收文件。")
EMPTY = Text("must not be empty", "不得为空")
NOT_STOPPED = Text("This import has not stopped.", "该导入未处于停止状态。")
NOT_PROVISIONED = Text("names a source that is not provisioned", "来源系统未登记")
TOO_MANY = Text("Too many imports have not ended; cancel one, or wait.", "未结束的导入过多，请取消或等待。")
TOO_MUCH = Text("Too much is stored; wait until another import ends.", "已存文件过多，请等待其他导入结束。")
MOST_STORED = 4
"""Files of the largest size, of all imports together."""
FAULTS_AT_ONCE = 1_000
MARK = "\ufeff"
"""So that spreadsheets read UTF-8."""


@dataclass
class Uploads:
    """What clerks do with uploads; `largest`: bytes of a file."""

    pool: Pool
    ring: KeyRing
    departments: Departments
    largest: int

    async def ask(
        self, caller: Caller, name: str, format_: Format, mapping: str, language: str, *, dry_run: bool
    ) -> ImportState:
        """Say what will be sent. Raises Invalid, naming each fault of the mapping by its line, and
        Conflict where too many have not ended."""
        try:
            source = (await asyncio.to_thread(load, mapping)).source
        except BrokenMapping as broken:
            faults = [
                Fault("/mapping", Text(f"line {line}: {text.en}", f"第 {line} 行：{text.zh}"))
                for line, text in broken.faults
            ]
            raise Invalid(faults=faults) from None
        if self.departments.owner_of(source) != DEPARTMENT:
            raise Invalid(faults=[Fault("/mapping", NOT_PROVISIONED)])
        async with transaction(self.pool) as connection:
            (upload,) = await new_ids(connection, 1)
            kept = sealed_mapping(self.ring, upload, mapping)
            row = await sql.add(connection, upload, caller.subject, name, format_, kept, dry_run=dry_run)
            if row is None:
                raise Conflict(detail=TOO_MANY)
            return await one_state(connection, row, language)

    async def receive(self, caller: Caller, upload: UUID, body: AsyncIterable[bytes], language: str) -> ImportState:
        """Store the file as it comes, a piece in a transaction: a slow sender keeps no connection. Raises NotFound
        for all but who asked, Conflict where no file is awaited or too much is stored, TooLarge, and Invalid for no
        file at all."""
        async with transaction(self.pool) as connection:
            if (await self.found(connection, upload))["asked_by"] != caller.subject:
                raise NotFound
        attempt = await self.begin_file(upload)
        waiting, number, size = bytearray(), 0, 0
        async for some in body:
            size += len(some)
            if size > self.largest:
                await self.begin_file(upload)  # another one: this one's pieces go
                raise TooLarge
            waiting += some
            while len(waiting) >= PIECE:
                await self.put(upload, attempt, number, bytes(waiting[:PIECE]))
                del waiting[:PIECE]
                number += 1
        if not size:
            raise Invalid(faults=[Fault("", EMPTY)])
        if waiting:
            await self.put(upload, attempt, number, bytes(waiting))
        async with transaction(self.pool) as connection:
            if not await sql.arrived(connection, upload, attempt, size):
                raise Conflict(detail=NO_FILE_AWAITED)
            return await one_state(connection, await self.found(connection, upload), language)

    async def begin_file(self, upload: UUID) -> int:
        """Begin to send the file; what came of it before is removed. Raises Conflict where no file is awaited."""
        async with transaction(self.pool) as connection:
            attempt = await sql.begin_file(connection, upload)
        if attempt is None:
            raise Conflict(detail=NO_FILE_AWAITED)
        await sql.clear(self.pool, upload)
        return attempt

    async def put(self, upload: UUID, attempt: int, number: int, piece: bytes) -> None:
        """Store one piece. Raises Conflict where another attempt began, it was cancelled, or too much is stored."""
        async with transaction(self.pool) as connection:
            if await sql.stored(connection) >= MOST_STORED * self.largest // PIECE:
                raise Conflict(detail=TOO_MUCH)
            if not await sql.put_piece(connection, upload, attempt, number, sealed(self.ring, upload, number, piece)):
                raise Conflict(detail=NO_FILE_AWAITED)

    async def state(self, upload: UUID, language: str) -> ImportState:
        """How far it is. Raises NotFound."""
        async with self.pool.acquire() as connection:
            return await one_state(connection, await self.found(connection, upload), language)

    async def states(self, after: UUID | None, limit: int, language: str) -> ImportStates:
        """Everybody's, the newest first."""
        async with self.pool.acquire() as connection:
            rows = await sql.many(connection, after, limit)
            found = await states_of(connection, rows, language)
        return ImportStates(imports=found, next_after=found[-1].import_id if len(found) == limit else None)

    async def cancel(self, caller: Caller, upload: UUID, language: str) -> ImportState:
        """Ask that it ends; what was committed stays. Raises NotFound."""
        async with transaction(self.pool) as connection:
            await self.found(connection, upload)
            await sql.cancel(connection, upload, caller.subject)
            return await one_state(connection, await self.found(connection, upload), language)

    async def resume(self, caller: Caller, upload: UUID, language: str) -> ImportState:
        """Let it go on behind the last committed chunk. Raises NotFound, and Conflict where it has not stopped."""
        async with transaction(self.pool) as connection:
            await self.found(connection, upload)
            if not await sql.resume(connection, upload, caller.subject):
                raise Conflict(detail=NOT_STOPPED)
            return await one_state(connection, await self.found(connection, upload), language)

    async def faults(self, upload: UUID) -> AsyncIterator[str]:
        """The faults of rows so far, as a CSV file for spreadsheets. Raises NotFound before the first piece of it."""
        async with self.pool.acquire() as connection:
            row = await self.found(connection, upload)
        return self.faults_of(row)

    async def faults_of(self, row: asyncpg.Record) -> AsyncIterator[str]:
        """Piece by piece; between two of them no connection is kept, however slowly they are read."""
        yield MARK + as_csv([HEADER])
        if row["dry_run"]:
            async with self.pool.acquire() as connection:
                all_ = await sql.faults(connection, row["upload_id"])
            for start in range(0, len(all_), FAULTS_AT_ONCE):
                yield as_csv(all_[start : start + FAULTS_AT_ONCE])
        elif row["import_id"] is not None:
            async for chunk in stored_faults(self.pool, row["import_id"]):
                yield as_csv(chunk)

    async def found(self, connection: Connection, upload: UUID) -> asyncpg.Record:
        """An upload. Raises NotFound."""
        row = await sql.one(connection, upload)
        if row is None:
            raise NotFound
        return row


async def one_state(connection: Connection, row: asyncpg.Record, language: str) -> ImportState:
    """An upload as it is told."""
    (state,) = await states_of(connection, [row], language)
    return state


async def states_of(connection: Connection, rows: Sequence[asyncpg.Record], language: str) -> list[ImportState]:
    """Uploads as they are told, with what their imports have come to."""
    counts = await imports.counts(connection, [row["import_id"] for row in rows if row["import_id"]])
    return [state_of(row, counts.get(row["import_id"], Counts(faults=row["faults_met"])), language) for row in rows]


def state_of(row: asyncpg.Record, counts: Counts, language: str) -> ImportState:
    """An upload as it is told."""
    return ImportState(
        import_id=row["upload_id"],
        name=row["name"],
        format=row["format"],
        dry_run=row["dry_run"],
        standing=row["standing"],
        cancelling=row["cancelling"] and row["ended_at"] is None,
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        resumed_by=row["resumed_by"],
        cancelled_by=row["cancelled_by"],
        ended_at=row["ended_at"],
        size=row["size"],
        rows_done=row["rows_done"],
        rows=Rows(**asdict(counts)),
        why=row["why_zh"] if language == "zh-CN" else row["why_en"],
    )
