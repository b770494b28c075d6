"""Whether receivers acknowledged what an authority decided: the exchange is told which events say so, and tells it once
the last day is over. Never who they are, nor how many (protection rules 2 and 4)."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import msgspec

from services.registry.corrections import repository as sql
from services.registry.corrections.rules import ANNULLED, APPROVED, SETTLED
from services.registry.sharing.entries import Acknowledged
from shared.db import Connection
from shared.feed.values import NewEntry


def annulment(request: UUID) -> UUID:
    """By which receipt departments are told that an approval was taken back."""
    return uuid5(request, ANNULLED)


def decided(request: UUID, receipt: UUID, authority: str) -> NewEntry:
    """What the exchange is told of a correction, once: by which receipt departments hear of it."""
    body = {"kind": "correction", "correction": request, "receipt": receipt, "authority": authority}
    return NewEntry(uuid5(receipt, "correction"), msgspec.json.encode(body))


async def take(connection: Connection, page: Sequence[Acknowledged]) -> None:
    """Store it at the corrections, in order: the newest counts. What is told of an approval after it was taken back
    says nothing any more."""
    for told in page:
        standings = {told.correction: APPROVED, annulment(told.correction): ANNULLED}
        standing = standings.get(told.receipt, SETTLED)
        await sql.acknowledged(connection, told.correction, standing, told.acknowledged)
