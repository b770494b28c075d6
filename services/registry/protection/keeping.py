"""Protection goes with the person: through merges and splits, in the transaction that folds them."""

from typing import Any, Final
from uuid import UUID

import msgspec

from services.registry.facts.derived import Folded
from services.registry.protection import repository as sql
from services.registry.protection.rules import Ground
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection

KEY: Final = "registry"
MARK, END = b"protection", b"end of protection"


class Body(msgspec.Struct, frozen=True):
    """What is sealed of a protection."""

    ground: Ground
    reason: str


def seal_body(ring: KeyRing, protection: UUID, body: Body) -> bytes:
    """The ground and why, bound to the protection."""
    return seal(ring, KEY, msgspec.json.encode(body), MARK + protection.bytes)


def open_body(ring: KeyRing, row: Any) -> Body:
    """The same, of a stored row."""
    return msgspec.json.decode(unseal(ring, KEY, row["body"], MARK + row["protection_id"].bytes), type=Body)


async def follow_merges(connection: Connection, folded: Folded) -> None:
    """Somebody who turns out to be protected is so at once (a `Derive`)."""
    if folded.merged:
        await sql.follow(connection, folded.merged)


async def follow_split(connection: Connection, ring: KeyRing, person: UUID, into: UUID) -> None:
    """Of a protected person who turns out to be two, both are protected: only the authority can say which one hides.
    Who is already protected by a department on a ground is not so twice: ending it would leave the other standing."""
    standing = {(row["department"], open_body(ring, row).ground) for row in await sql.about(connection, [into])}
    for row in await sql.about(connection, [person]):
        known = open_body(ring, row)
        if (row["department"], known.ground) in standing:
            continue
        standing.add((row["department"], known.ground))
        protection = await sql.new_id(connection)
        body = seal_body(ring, protection, known)
        await sql.add(
            connection,
            sql.NewProtection(
                protection, into, row["department"], body, row["marked_by"], row["review_by"], row["marked_at"]
            ),
        )
