"""What departments were told, sealed. All SQL of the feature."""

from collections.abc import Iterable
from datetime import datetime

import asyncpg
import msgspec

from services.exchange.cases.standing import Key, keys_of
from services.exchange.told.ledger import Ledger, Row
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection

KEY = "told"

ROWS = """
SELECT department, reference, body, how, told_at, as_of, epoch, position FROM told
  JOIN unnest($1::text[], $2::text[]) AS asked(department, reference) USING (department, reference)
"""

STORE = """
INSERT INTO told (department, reference, body, how, told_at, as_of, epoch, position)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::uuid[],
                     $8::bigint[])
ON CONFLICT (department, reference) DO UPDATE SET body = excluded.body, how = excluded.how, told_at = excluded.told_at,
       as_of = excluded.as_of, epoch = excluded.epoch, position = excluded.position
"""


class Body(msgspec.Struct, array_like=True):
    """What is sealed of a row."""

    holds: dict[str, object]
    given: dict[str, tuple[object, datetime]]
    registered: bool


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Body).decode


async def rows(connection: Connection, ring: KeyRing, keys: Iterable[Key]) -> Ledger:
    """What was told to these departments of these people."""
    asked = keys_of(keys)
    found = await connection.fetch(ROWS, *asked) if asked[0] else []
    return Ledger({(row["department"], row["reference"]): opened(ring, row) for row in found})


def opened(ring: KeyRing, row: asyncpg.Record) -> Row:
    """A stored row."""
    body = decode(unseal(ring, KEY, row["body"], context((row["department"], row["reference"]))))
    return Row(
        row["told_at"],
        row["how"],
        row["as_of"],
        row["epoch"],
        row["position"],
        body.holds,
        body.given,
        body.registered,
    )


async def store(connection: Connection, ring: KeyRing, ledger: Ledger) -> None:
    """Write what changed; sorted, so that two writers cannot deadlock."""
    if not ledger.changed:
        return
    changed = [(key, ledger.rows[key]) for key in sorted(ledger.changed)]
    await connection.execute(
        STORE,
        [department for (department, _), _ in changed],
        [reference for (_, reference), _ in changed],
        [seal(ring, KEY, encode(Body(r.holds, r.given, r.registered)), context(key)) for key, r in changed],
        [row.how for _, row in changed],
        [row.told_at for _, row in changed],
        [row.as_of for _, row in changed],
        [row.epoch for _, row in changed],
        [row.position for _, row in changed],
    )


def context(key: Key) -> bytes:
    """Bind a sealed row to its department and person."""
    return "\n".join(key).encode()
