"""All SQL of logging in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.db import Connection

# Whatever is past its time goes whenever someone comes: nothing else has to sweep.
SWEEP = (
    "DELETE FROM login_code WHERE expires_at <= $1",
    "DELETE FROM login_session WHERE expires_at <= $1",
    "DELETE FROM login_attempt WHERE since <= $1::timestamptz - $2::interval",
)

ADD_CODE = "INSERT INTO login_code (fingerprint, subject, facility, roles, expires_at) VALUES ($1, $2, $3, $4, $5)"
# Once: the row that lets in is gone with the same statement.
TAKE_CODE = "DELETE FROM login_code WHERE fingerprint = $1 AND expires_at > $2 RETURNING subject, facility, roles"

ADD_SESSION = (
    "INSERT INTO login_session (fingerprint, subject, facility, roles, expires_at) VALUES ($1, $2, $3, $4, $5)"
)
SESSION = "SELECT subject, facility, roles FROM login_session WHERE fingerprint = $1 AND expires_at > $2"
END_SESSION = "DELETE FROM login_session WHERE fingerprint = $1"

# Counted before the code is looked at, so that tries at the same moment all count.
TRY = """
INSERT INTO login_attempt AS a (address, since, failures) VALUES ($1, $2, 1)
    ON CONFLICT (address) DO UPDATE SET
       since = CASE WHEN a.since <= $2::timestamptz - $3::interval THEN $2 ELSE a.since END,
       failures = CASE WHEN a.since <= $2::timestamptz - $3::interval THEN 1 ELSE least(a.failures + 1, 30000) END
RETURNING failures, since
"""
FORGIVE = "DELETE FROM login_attempt WHERE address = $1"


@dataclass(frozen=True)
class Person:
    """Who a code or a session stands for."""

    subject: str
    facility: str
    roles: Sequence[str]


async def sweep(connection: Connection, now: datetime, window: timedelta) -> None:
    """Remove codes, sessions and counts that are past their time."""
    await connection.execute(SWEEP[0], now)
    await connection.execute(SWEEP[1], now)
    await connection.execute(SWEEP[2], now, window)


async def add_code(connection: Connection, fingerprint: bytes, person: Person, until: datetime) -> None:
    """Keep a code."""
    await connection.execute(ADD_CODE, fingerprint, person.subject, person.facility, list(person.roles), until)


async def take_code(connection: Connection, fingerprint: bytes, now: datetime) -> Person | None:
    """Use a code up; None where it lets nobody in."""
    row = await connection.fetchrow(TAKE_CODE, fingerprint, now)
    return None if row is None else Person(**row)


async def add_session(connection: Connection, fingerprint: bytes, person: Person, until: datetime) -> None:
    """Keep a session."""
    await connection.execute(ADD_SESSION, fingerprint, person.subject, person.facility, list(person.roles), until)


async def session(connection: Connection, fingerprint: bytes, now: datetime) -> Person | None:
    """Whose session this is; None where it is none, or over."""
    row = await connection.fetchrow(SESSION, fingerprint, now)
    return None if row is None else Person(**row)


async def end_session(connection: Connection, fingerprint: bytes) -> None:
    """End a session."""
    await connection.execute(END_SESSION, fingerprint)


async def count_try(connection: Connection, address: bytes, now: datetime, window: timedelta) -> tuple[int, datetime]:
    """Count a try of this address: (tries in its window, when that began)."""
    row = await connection.fetchrow(TRY, address, now, window)
    assert row is not None
    return row["failures"], row["since"]


async def forgive(connection: Connection, address: bytes) -> None:
    """Forget the tries of an address that got in."""
    await connection.execute(FORGIVE, address)
