"""All SQL of secret addresses and their calendars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.alerts.addresses.rules import Day
from services.alerts.counts.repository import OnDay
from shared.db import Connection

COLUMNS = "address_id, facility, subject, roles, kind, language, made_at, issued_at, revoked_at, pulled_at, pulls"

# One creator at a time for a worker, so that the limit holds.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('addresses of ' || $1 || ' at ' || $2, 0))"
LIST = f"SELECT {COLUMNS} FROM secret_address WHERE facility = $1 AND subject = $2 ORDER BY address_id"
INSERT = f"""
INSERT INTO secret_address (facility, subject, roles, kind, language, fingerprint, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {COLUMNS}
"""
# Rotating begins anew with the roles that the worker has now.
ROTATE = f"""
UPDATE secret_address SET fingerprint = $4, issued_at = $5, roles = $6
 WHERE address_id = $1 AND facility = $2 AND subject = $3 AND revoked_at IS NULL RETURNING {COLUMNS}
"""
REVOKE = """
UPDATE secret_address SET revoked_at = coalesce(revoked_at, $4)
 WHERE address_id = $1 AND facility = $2 AND subject = $3 RETURNING true
"""
FIND = f"SELECT {COLUMNS} FROM secret_address WHERE fingerprint = $1 AND kind = $2 AND revoked_at IS NULL"
# Locked: two pulls at once count after each other, and a calendar's days change once.
PULL = f"{FIND} FOR UPDATE"
PULLED = "UPDATE secret_address SET pulled_at = $2, pulls = pulls + 1 WHERE address_id = $1"

DAYS = "SELECT day, due, overdue, sequence, changed_at FROM calendar_day WHERE address_id = $1"
FORGET_DAYS = "DELETE FROM calendar_day /* removes */ WHERE address_id = $1 AND day < $2"
SHOW = """
INSERT INTO calendar_day AS d (address_id, day, due, overdue, sequence, changed_at)
SELECT $1, * FROM unnest($2::date[], $3::int[], $4::int[], $5::smallint[], $6::timestamptz[])
    ON CONFLICT (address_id, day) DO UPDATE SET
       (due, overdue, sequence, changed_at) = (excluded.due, excluded.overdue, excluded.sequence, excluded.changed_at)
 WHERE d.sequence < excluded.sequence
"""
DIGESTS = """
SELECT day, entry_id, overdue, today, soon, made_at FROM digest WHERE facility = $1 ORDER BY day DESC LIMIT $2
"""


@dataclass(frozen=True)
class Address:
    """A secret address, without its secret."""

    address_id: UUID
    facility: str
    subject: str
    roles: list[str]
    kind: str
    language: str
    made_at: datetime
    issued_at: datetime
    revoked_at: datetime | None
    pulled_at: datetime | None
    pulls: int


@dataclass(frozen=True)
class ToldDigest:
    """A digest as it was made."""

    day: date
    entry_id: UUID
    overdue: int
    today: int
    soon: int
    made_at: datetime


async def lock(connection: Connection, facility: str, subject: str) -> None:
    """Keep other creators of this worker's addresses waiting until the transaction ends."""
    await connection.execute(LOCK, subject, facility)


async def listed(connection: Connection, facility: str, subject: str) -> list[Address]:
    """A worker's addresses at a facility, revoked ones too, oldest first."""
    return [Address(**row) for row in await connection.fetch(LIST, facility, subject)]


async def insert(
    connection: Connection,
    facility: str,
    subject: str,
    roles: Sequence[str],
    kind: str,
    language: str,
    fingerprint: bytes,
    at: datetime,
) -> Address:
    """A new address."""
    row = await connection.fetchrow(INSERT, facility, subject, list(roles), kind, language, fingerprint, at)
    assert row is not None
    return Address(**row)


async def rotate(
    connection: Connection,
    address_id: UUID,
    facility: str,
    subject: str,
    fingerprint: bytes,
    at: datetime,
    roles: Sequence[str],
) -> Address | None:
    """Give an address another secret; None where the worker has no such address that holds."""
    row = await connection.fetchrow(ROTATE, address_id, facility, subject, fingerprint, at, list(roles))
    return None if row is None else Address(**row)


async def revoke(connection: Connection, address_id: UUID, facility: str, subject: str, at: datetime) -> bool:
    """End an address; False where the worker has none of that id."""
    return bool(await connection.fetchval(REVOKE, address_id, facility, subject, at))


async def find(connection: Connection, fingerprint: bytes, kind: str) -> Address | None:
    """The address of this secret; None where there is none, or it was revoked."""
    row = await connection.fetchrow(FIND, fingerprint, kind)
    return None if row is None else Address(**row)


async def pull(connection: Connection, fingerprint: bytes, kind: str) -> Address | None:
    """The same, locked."""
    row = await connection.fetchrow(PULL, fingerprint, kind)
    return None if row is None else Address(**row)


async def pulled(connection: Connection, address_id: UUID, at: datetime) -> None:
    """Count a pull."""
    await connection.execute(PULLED, address_id, at)


async def days(connection: Connection, address_id: UUID) -> dict[date, Day]:
    """The days that the calendar showed last."""
    return {
        row["day"]: Day(row["day"], OnDay(row["due"], row["overdue"]), row["sequence"], row["changed_at"])
        for row in await connection.fetch(DAYS, address_id)
    }


async def show(connection: Connection, address_id: UUID, today: date, shown: Sequence[Day]) -> None:
    """Remember what the calendar shows now; past days go."""
    await connection.execute(FORGET_DAYS, address_id, today)
    await connection.execute(
        SHOW,
        address_id,
        [each.day for each in shown],
        [each.shown.due for each in shown],
        [each.shown.overdue for each in shown],
        [each.sequence for each in shown],
        [each.changed_at for each in shown],
    )


async def digests(connection: Connection, facility: str, limit: int) -> list[ToldDigest]:
    """The newest digests of a facility, newest first."""
    return [ToldDigest(**row) for row in await connection.fetch(DIGESTS, facility, limit)]
