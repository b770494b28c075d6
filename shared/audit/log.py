"""Write the access log in the transaction of the read. If it cannot be written, the read fails: errors pass through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.auth.caller import Caller
from shared.db import Connection

# One statement for all the people of a page; unnest because asyncpg's executemany costs a message per row.
INSERT = """
INSERT INTO access_log (subject, department, service, facility, purpose, action, basis, reference, fields)
SELECT $1, $2, $3, $4, $5, $6, $7, reference, string_to_array(fields, ',')
  FROM unnest($8::text[], $9::text[]) AS reading (reference, fields)
"""

# The same for several officials at once: look-ups that come together are written down together.
INSERT_EACH = """
INSERT INTO access_log (subject, department, service, facility, purpose, action, basis, reference, fields)
SELECT subject, department, service, facility, purpose, $1, basis, reference, string_to_array(fields, ',')
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
       AS reading (subject, department, service, facility, purpose, basis, reference, fields)
"""

# What was told without being asked for. The id makes a repetition harmless.
INSERT_TOLD = """
INSERT INTO access_log (access_id, at, subject, department, purpose, action, reference, fields, basis)
SELECT access_id, at, 'feed', department, purpose, action, reference, string_to_array(fields, ','), basis
  FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       AS told (access_id, at, department, purpose, action, reference, fields, basis)
ON CONFLICT (access_id) DO NOTHING
"""


@dataclass(frozen=True)
class Reading:
    """What was read of one person: this service's reference for them, and the names of the fields."""

    reference: str
    fields: tuple[str, ...]


async def record(
    connection: Connection,
    caller: Caller,
    readings: Sequence[Reading],
    *,
    action: str,
    basis: str,
    purpose: str | None = None,
) -> None:
    """Write one entry per person read. `action` says what was done, `basis` the legal basis it rests on.

    `purpose` is the caller's unless given. Raises ValueError without any purpose: such a read may not happen.
    """
    named = purpose or caller.purpose
    if named is None:
        raise ValueError("a read needs a purpose")
    if not readings:
        return
    await connection.execute(
        INSERT,
        caller.subject,
        caller.department,
        caller.service,
        caller.facility,
        named,
        action,
        basis,
        [reading.reference for reading in readings],
        [",".join(reading.fields) for reading in readings],
    )


async def record_each(connection: Connection, readings: Sequence[tuple[Caller, Reading, str]], *, action: str) -> None:
    """Write one entry for each (caller, reading, basis), in one statement. Raises ValueError where a caller names no
    purpose."""
    if readings:
        await connection.execute(INSERT_EACH, *for_each(readings, action=action))


def for_each(readings: Sequence[tuple[Caller, Reading, str]], *, action: str) -> tuple[object, ...]:
    """What INSERT_EACH is given, for whoever writes more in the same statement. Raises ValueError where a caller names
    no purpose."""
    if not all(caller.purpose for caller, _, _ in readings):
        raise ValueError("a read needs a purpose")
    return (
        action,
        [caller.subject for caller, _, _ in readings],
        [caller.department for caller, _, _ in readings],
        [caller.service for caller, _, _ in readings],
        [caller.facility for caller, _, _ in readings],
        [caller.purpose for caller, _, _ in readings],
        [basis for _, _, basis in readings],
        [reading.reference for _, reading, _ in readings],
        [",".join(reading.fields) for _, reading, _ in readings],
    )


@dataclass(frozen=True)
class Told:
    """A department was told something of one person, by feed or snapshot. `access_id` is the same for the same act."""

    access_id: UUID
    at: datetime
    department: str
    purpose: str
    action: str
    reference: str
    fields: tuple[str, ...]
    basis: str


async def record_told(connection: Connection, told: Sequence[Told]) -> None:
    """Write what was told, once however often it comes; the subject is the feed, for no official asked."""
    if not told:
        return
    await connection.execute(
        INSERT_TOLD,
        [each.access_id for each in told],
        [each.at for each in told],
        [each.department for each in told],
        [each.purpose for each in told],
        [each.action for each in told],
        [each.reference for each in told],
        [",".join(each.fields) for each in told],
        [each.basis for each in told],
    )
