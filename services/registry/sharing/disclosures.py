"""What departments were told by feed and snapshot, written into the access log that the person reads (rule 8)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.registry.sharing.entries import Disclosed, Disclosure
from shared.audit.log import Told, record_told
from shared.crypto.keyring import KeyRing
from shared.crypto.references import read
from shared.db import Connection


async def take(connection: Connection, ring: KeyRing, told: Sequence[Disclosed]) -> None:
    """Write them down. An entry that is told again is known by its access id, and not written twice.

    Raises UnknownReference for a reference that was not made here: the entry is parked.
    """
    readings = [
        Told(
            access_id(each),
            each.at,
            each.department,
            each.purpose,
            page.action,
            str(read(ring, each.department, each.reference)),
            tuple(each.fields),
            ",".join(each.basis),
        )
        for page in told
        for each in page.disclosures
    ]
    await record_told(connection, readings)


def access_id(disclosure: Disclosure) -> UUID:
    """The same disclosure for the same purpose has the same id, in the order of time as all ids of the log (UUIDv7)."""
    name = f"{disclosure.entry} {disclosure.department} {disclosure.reference} {disclosure.purpose}"
    return time_ordered(disclosure.at, hashlib.sha256(name.encode()).digest())


def time_ordered(at: datetime, name: bytes) -> UUID:
    """A UUID of version 7 (RFC 9562): milliseconds, then, instead of chance, the first 74 bits of `name`."""
    bits = int.from_bytes(name[:16], "big")
    value = int(at.timestamp() * 1_000) << 80 | bits & ((1 << 80) - 1)
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)
