"""What could not be handled: kept, listed, alarmed, tried again; never dropped."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import Column, DateTime, LargeBinary, text
from sqlmodel import Field, SQLModel

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection

log = structlog.get_logger()
KEY = "parked"


class Parked(SQLModel, table=True):
    """One parked entry: where it came from, its sealed bytes, and the kind of fault (never its text)."""

    __tablename__ = "parked"
    parked_id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    origin: str
    entry_id: UUID | None = None
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    fault: str
    parked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


async def park(
    connection: Connection, ring: KeyRing, origin: str, entry_id: UUID | None, body: bytes, fault: str
) -> UUID:
    """Keep an entry that cannot be handled. `origin` names the feed or topic."""
    parked_id: UUID = await connection.fetchval(
        "INSERT INTO parked (origin, entry_id, body, fault) VALUES ($1, $2, $3, $4) RETURNING parked_id",
        origin,
        entry_id,
        seal(ring, KEY, body, origin.encode()),
        fault,
    )
    return parked_id


async def is_parked(connection: Connection, origin: str, entry_id: UUID) -> bool:
    """Whether this entry of this origin was parked before, settled or not."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM parked WHERE origin = $1 AND entry_id = $2)", origin, entry_id
    )
    return found


async def is_unsettled(connection: Connection, origin: str, entry_id: UUID) -> bool:
    """Whether this entry of this origin waits for someone."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM parked WHERE origin = $1 AND entry_id = $2 AND settled_at IS NULL)",
        origin,
        entry_id,
    )
    return found


async def settle(connection: Connection, origin: str, entry_id: UUID) -> None:
    """Note that the entry was handled after all."""
    await connection.execute(
        "UPDATE parked SET settled_at = clock_timestamp() WHERE origin = $1 AND entry_id = $2 AND settled_at IS NULL",
        origin,
        entry_id,
    )


async def settle_all(connection: Connection, origin: str) -> None:
    """Note that the origin is gone: what it has here waits for nobody any more."""
    await connection.execute(
        "UPDATE parked SET settled_at = clock_timestamp() WHERE origin = $1 AND settled_at IS NULL", origin
    )


async def count_unsettled(connection: Connection) -> int:
    """How many wait for someone."""
    found: int = await connection.fetchval("SELECT count(*) FROM parked WHERE settled_at IS NULL")
    return found


async def unsettled(
    connection: Connection, limit: int = 100, after: UUID | None = None, origin: str | None = None
) -> list[dict[str, object]]:
    """List what waits for someone, oldest first, after a keyset cursor, of one origin or of all; no bodies."""
    rows = await connection.fetch(
        "SELECT parked_id, origin, entry_id, fault, parked_at FROM parked WHERE settled_at IS NULL "
        "AND ($2::uuid IS NULL OR parked_id > $2) AND ($3::text IS NULL OR origin = $3) ORDER BY parked_id LIMIT $1",
        limit,
        after,
        origin,
    )
    return [dict(row) for row in rows]


async def origin_of(connection: Connection, parked_id: UUID) -> str | None:
    """Where an unsettled entry came from; None where there is none."""
    found: str | None = await connection.fetchval(
        "SELECT origin FROM parked WHERE parked_id = $1 AND settled_at IS NULL", parked_id
    )
    return found


async def blame(connection: Connection, parked_id: UUID, fault: str) -> None:
    """Note why an entry failed this time; it goes on waiting."""
    await connection.execute(
        "UPDATE parked SET fault = $2 WHERE parked_id = $1 AND settled_at IS NULL", parked_id, fault
    )


async def take(connection: Connection, ring: KeyRing, parked_id: UUID) -> tuple[str, UUID | None, bytes] | None:
    """Lock an unsettled entry for a retry: (origin, entry id, body); None where there is none.

    It counts as settled once the caller's transaction commits; a failure leaves it parked.
    """
    row = await connection.fetchrow(
        "UPDATE parked SET settled_at = clock_timestamp() WHERE parked_id = $1 AND settled_at IS NULL "
        "RETURNING origin, entry_id, body",
        parked_id,
    )
    if row is None:
        return None
    return row["origin"], row["entry_id"], unseal(ring, KEY, row["body"], row["origin"].encode())
