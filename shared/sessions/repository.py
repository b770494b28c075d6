"""All SQL of logging in; the same tables stand in every service with pages."""

from datetime import datetime, timedelta

from asyncpg import Record

from shared.auth.caller import Caller
from shared.db import Connection

# Whatever is past its time goes whenever someone comes: nothing else has to sweep.
SWEEP = (
    "DELETE FROM login_code /* removes */ WHERE expires_at <= $1",
    "DELETE FROM login_session /* removes */ WHERE expires_at <= $1",
    "DELETE FROM login_attempt /* removes */ WHERE since <= $1::timestamptz - $2::interval",
)

CALLER = "subject, department, purpose, facility, roles, areas"
ADD_CODE = f"INSERT INTO login_code (fingerprint, expires_at, {CALLER}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
# Once: the row that lets in is gone with the same statement.
TAKE_CODE = f"DELETE FROM login_code /* removes */ WHERE fingerprint = $1 AND expires_at > $2 RETURNING {CALLER}"

ADD_SESSION = f"INSERT INTO login_session (fingerprint, expires_at, {CALLER}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
SESSION = (
    f"SELECT {CALLER}, expires_at - $3::interval AS issued_at FROM login_session "
    "WHERE fingerprint = $1 AND expires_at > $2"
)
END_SESSION = "DELETE FROM login_session /* removes */ WHERE fingerprint = $1"
# Codes first: who is turning one into a session at this moment is waited for, and the session is seen then.
END_ALL_OF = (
    "DELETE FROM login_code /* removes */ WHERE subject = $1",
    "DELETE FROM login_session /* removes */ WHERE subject = $1",
)
END_ALL_AT = tuple(f"{statement} AND facility = $2" for statement in END_ALL_OF)

# Counted before the code is looked at, so that tries at the same moment all count.
TRY = """
INSERT INTO login_attempt AS a (address, since, failures) VALUES ($1, $2, 1)
    ON CONFLICT (address) DO UPDATE SET
       since = CASE WHEN a.since <= $2::timestamptz - $3::interval THEN $2 ELSE a.since END,
       failures = CASE WHEN a.since <= $2::timestamptz - $3::interval THEN 1 ELSE least(a.failures + 1, 30000) END
RETURNING failures, since
"""
FORGIVE = "DELETE FROM login_attempt /* removes */ WHERE address = $1"


def columns(person: Caller) -> tuple[object, ...]:
    """Whom a code or a session stands for, as it is stored."""
    facts = (person.subject, person.department, person.purpose, person.facility)
    return (*facts, sorted(person.roles), sorted(person.areas))


def stored(row: Record | None) -> Caller | None:
    """The same caller again."""
    return (
        None if row is None else Caller(**{**row, "roles": frozenset(row["roles"]), "areas": frozenset(row["areas"])})
    )


async def sweep(connection: Connection, now: datetime, window: timedelta) -> None:
    """Remove codes, sessions and counts that are past their time."""
    await connection.execute(SWEEP[0], now)
    await connection.execute(SWEEP[1], now)
    await connection.execute(SWEEP[2], now, window)


async def add_code(connection: Connection, fingerprint: bytes, person: Caller, until: datetime) -> None:
    """Keep a code."""
    await connection.execute(ADD_CODE, fingerprint, until, *columns(person))


async def take_code(connection: Connection, fingerprint: bytes, now: datetime) -> Caller | None:
    """Use a code up; None where it lets nobody in."""
    return stored(await connection.fetchrow(TAKE_CODE, fingerprint, now))


async def add_session(connection: Connection, fingerprint: bytes, person: Caller, until: datetime) -> None:
    """Keep a session."""
    await connection.execute(ADD_SESSION, fingerprint, until, *columns(person))


async def session(connection: Connection, fingerprint: bytes, now: datetime, lives: timedelta) -> Caller | None:
    """Whose session this is; None where it is none, or over. A session begins `lives` before it ends."""
    return stored(await connection.fetchrow(SESSION, fingerprint, now, lives))


async def end_session(connection: Connection, fingerprint: bytes) -> None:
    """End a session."""
    await connection.execute(END_SESSION, fingerprint)


async def end_all_of(connection: Connection, subject: str) -> None:
    """End every session of a subject, and every code that would make one."""
    for statement in END_ALL_OF:
        await connection.execute(statement, subject)


async def end_all_at(connection: Connection, subject: str, facility: str) -> None:
    """End every session and code of a subject for one facility; what they have elsewhere goes on."""
    for statement in END_ALL_AT:
        await connection.execute(statement, subject, facility)


async def count_try(connection: Connection, address: bytes, now: datetime, window: timedelta) -> tuple[int, datetime]:
    """Count a try of this address: (tries in its window, when that began)."""
    row = await connection.fetchrow(TRY, address, now, window)
    assert row is not None
    return row["failures"], row["since"]


async def forgive(connection: Connection, address: bytes) -> None:
    """Forget the tries of an address that got in."""
    await connection.execute(FORGIVE, address)
