"""Write the access log in the transaction of the read. If it cannot be written, the read fails: errors pass through."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.auth.caller import Caller
from shared.db import Connection

# One statement for all the people of a page; unnest because asyncpg's executemany costs a message per row.
INSERT = """
INSERT INTO access_log (subject, department, service, facility, purpose, action, basis, reference, fields)
SELECT $1, $2, $3, $4, $5, $6, $7, reference, string_to_array(fields, ',')
  FROM unnest($8::text[], $9::text[]) AS reading (reference, fields)
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
