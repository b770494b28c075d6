"""Uploaded registers and their pieces. All SQL of the feature."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from shared.db import Connection, Pool, transaction

KEPT = timedelta(days=7)
"""How long a file is kept that nobody goes on with."""
MOST_OPEN = 20
"""Uploads that have not ended."""
PIECES_AT_ONCE = 64  # removed in one transaction

COLUMNS = """
upload_id, asked_by, asked_at, name, format, dry_run, standing, cancelling, attempt, size, rows_done,
import_id, why_en, why_zh, ended_at, faults_met, resumed_by, cancelled_by
"""
# One after the other: of two who count at the same time neither sees the other's.
ONE_MORE = "SELECT pg_advisory_xact_lock(hashtext('uploads begun'))"
ADD = f"""
INSERT INTO register_upload (upload_id, asked_by, name, format, mapping, dry_run, standing)
SELECT $1, $2, $3, $4, $5, $6, 'awaiting-file'
 WHERE (SELECT count(*) FROM register_upload WHERE ended_at IS NULL) < $7 RETURNING {COLUMNS}
"""
ONE = f"SELECT {COLUMNS} FROM register_upload WHERE upload_id = $1"
MANY = f"""
SELECT {COLUMNS} FROM register_upload WHERE $1::uuid IS NULL OR upload_id < $1 ORDER BY upload_id DESC LIMIT $2
"""
ATTEMPT = """
UPDATE register_upload SET attempt = attempt + 1
 WHERE upload_id = $1 AND standing = 'awaiting-file' AND NOT cancelling RETURNING attempt
"""
# Only while this attempt is the one that counts: who sends the file once more ends an earlier attempt.
PIECE = """
INSERT INTO upload_piece (upload_id, attempt, number, body)
SELECT upload_id, attempt, $3, $4 FROM register_upload
 WHERE upload_id = $1 AND attempt = $2 AND standing = 'awaiting-file' AND NOT cancelling FOR SHARE
"""
ARRIVED = """
UPDATE register_upload SET standing = 'waiting', size = $3
 WHERE upload_id = $1 AND attempt = $2 AND standing = 'awaiting-file' AND NOT cancelling
"""
STORED = "SELECT count(*) FROM upload_piece"
# What counts no more, of one upload or of all, a little at a time: many gigabytes would not end in a statement's time.
REMOVE = """
DELETE FROM upload_piece /* removes */ WHERE (upload_id, attempt, number) IN (
    SELECT p.upload_id, p.attempt, p.number FROM upload_piece p JOIN register_upload u USING (upload_id)
     WHERE ($1::uuid IS NULL OR u.upload_id = $1) AND (u.ended_at IS NOT NULL OR p.attempt < u.attempt) LIMIT $2)
"""
CANCEL = """
UPDATE register_upload SET cancelling = true, cancelled_by = $2
 WHERE upload_id = $1 AND ended_at IS NULL AND NOT cancelling
"""
RESUME = """
UPDATE register_upload SET standing = 'waiting', why_en = NULL, why_zh = NULL, takings = 0, resumed_by = $2
 WHERE upload_id = $1 AND standing = 'stopped' AND NOT cancelling
"""

TAKE = "SELECT pg_try_advisory_xact_lock(hashtext('uploads'))"
PATIENT = "SET LOCAL idle_in_transaction_session_timeout = 0"
FORGET = """
UPDATE register_upload SET cancelling = true
 WHERE standing IN ('awaiting-file', 'stopped') AND NOT cancelling AND asked_at < clock_timestamp() - $1::interval
"""
NEXT = f"""
SELECT {COLUMNS} FROM register_upload
 WHERE standing IN ('waiting', 'running') OR (cancelling AND ended_at IS NULL)
 ORDER BY cancelling DESC, upload_id LIMIT 1
"""
BEGUN = """
UPDATE register_upload SET standing = 'running', rows_done = 0, takings = takings + 1
 WHERE upload_id = $1 AND ended_at IS NULL RETURNING takings
"""
LEFT = "UPDATE register_upload SET takings = 0 WHERE upload_id = $1"
BECAME = "UPDATE register_upload SET import_id = $2 WHERE upload_id = $1"
PROGRESS = """
UPDATE register_upload SET rows_done = rows_done + $2, furthest = greatest(furthest, rows_done + $2),
       takings = CASE WHEN rows_done + $2 > furthest THEN 0 ELSE takings END
 WHERE upload_id = $1 RETURNING cancelling
"""
READ = "SELECT body FROM upload_piece WHERE upload_id = $1 AND attempt = $2 AND number = $3"
MAPPING = "SELECT mapping FROM register_upload WHERE upload_id = $1"
STOP = """
UPDATE register_upload SET standing = 'stopped', why_en = $2, why_zh = $3 WHERE upload_id = $1 AND ended_at IS NULL
"""
END = """
UPDATE register_upload SET standing = $2, why_en = $3, why_zh = $4, faults = $5::jsonb, faults_met = $6, mapping = NULL,
       ended_at = clock_timestamp() WHERE upload_id = $1 AND ended_at IS NULL
"""
FAULTS = "SELECT faults FROM register_upload WHERE upload_id = $1"


async def add(
    connection: Connection, upload: UUID, asked_by: str, name: str, format_: str, mapping: bytes, *, dry_run: bool
) -> asyncpg.Record | None:
    """An upload whose file is awaited; None where too many have not ended. Nobody else begins one until the transaction
    ends."""
    await connection.execute(ONE_MORE)
    return await connection.fetchrow(ADD, upload, asked_by, name, format_, mapping, dry_run, MOST_OPEN)


async def one(connection: Connection, upload: UUID) -> asyncpg.Record | None:
    """An upload as it stands."""
    return await connection.fetchrow(ONE, upload)


async def many(connection: Connection, before: UUID | None, limit: int) -> list[asyncpg.Record]:
    """The newest first."""
    return await connection.fetch(MANY, before, limit)


async def begin_file(connection: Connection, upload: UUID) -> int | None:
    """The number of a new attempt to send the file; None where none is awaited."""
    attempt: int | None = await connection.fetchval(ATTEMPT, upload)
    return attempt


async def put_piece(connection: Connection, upload: UUID, attempt: int, number: int, body: bytes) -> bool:
    """Store a sealed piece; False where this attempt counts no more."""
    done: str = await connection.execute(PIECE, upload, attempt, number, body)
    return done == "INSERT 0 1"


async def arrived(connection: Connection, upload: UUID, attempt: int, size: int) -> bool:
    """The whole file is there; False where this attempt counts no more."""
    done: str = await connection.execute(ARRIVED, upload, attempt, size)
    return done == "UPDATE 1"


async def stored(connection: Connection) -> int:
    """How many pieces there are, of all uploads."""
    found: int = await connection.fetchval(STORED)
    return found


async def clear(pool: Pool, upload: UUID | None = None) -> None:
    """Remove the pieces that count no more, of one upload or of all."""
    done = ""
    while done != "DELETE 0":
        async with transaction(pool) as connection:
            done = await connection.execute(REMOVE, upload, PIECES_AT_ONCE)


async def cancel(connection: Connection, upload: UUID, by: str) -> None:
    """Ask that it ends; nothing where it has, or somebody asked before."""
    await connection.execute(CANCEL, upload, by)


async def resume(connection: Connection, upload: UUID, by: str) -> bool:
    """Let one that stopped go on; False where it has not stopped."""
    done: str = await connection.execute(RESUME, upload, by)
    return done == "UPDATE 1"


async def take(connection: Connection) -> bool:
    """Be the only one who imports uploads, until this transaction ends, however long; False where another does."""
    await connection.execute(PATIENT)
    taken: bool = await connection.fetchval(TAKE)
    return taken


async def to_do(connection: Connection) -> asyncpg.Record | None:
    """What is to be done next; uploads with which nobody went on are to be cancelled."""
    await connection.execute(FORGET, KEPT)
    return await connection.fetchrow(NEXT)


async def begun(connection: Connection, upload: UUID) -> int | None:
    """It runs: how often it was taken without coming further, this time among them; None where it has ended."""
    takings: int | None = await connection.fetchval(BEGUN, upload)
    return takings


async def left(connection: Connection, upload: UUID) -> None:
    """The worker lives, and goes on another time."""
    await connection.execute(LEFT, upload)


async def became(connection: Connection, upload: UUID, import_id: UUID) -> None:
    """The import that the upload is."""
    await connection.execute(BECAME, upload, import_id)


async def progress(connection: Connection, upload: UUID, rows: int) -> bool:
    """So many rows more are looked at; whether it is to end."""
    cancelling: bool = await connection.fetchval(PROGRESS, upload, rows)
    return cancelling


async def read_piece(connection: Connection, upload: UUID, attempt: int, number: int) -> bytes:
    """A sealed piece."""
    body: bytes = await connection.fetchval(READ, upload, attempt, number)
    return body


async def mapping(connection: Connection, upload: UUID) -> bytes:
    """The sealed mapping of an upload that has not ended."""
    body: bytes = await connection.fetchval(MAPPING, upload)
    return body


async def stop(connection: Connection, upload: UUID, why: tuple[str, str]) -> None:
    """It stopped on the way; its file is kept for whoever lets it go on."""
    await connection.execute(STOP, upload, *why)


async def end(
    connection: Connection, upload: UUID, standing: str, why: tuple[str, str] | None, faults: list[list[object]] | None
) -> None:
    """It ended, where it had not; its pieces count no more (`clear`)."""
    said = None if faults is None else msgspec.json.encode(faults).decode()
    await connection.execute(END, upload, standing, *(why or (None, None)), said, len(faults or ()))


async def faults(connection: Connection, upload: UUID) -> list[list[object]]:
    """The faults that a dry run met."""
    said = await connection.fetchval(FAULTS, upload)
    found: list[list[object]] = [] if said is None else msgspec.json.decode(said)
    return found
