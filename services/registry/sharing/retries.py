"""Held events that their departments ask to look at again."""

from collections.abc import Sequence
from uuid import UUID

from services.registry.facts import repository as sql
from services.registry.facts.handlers import Folding
from services.registry.facts.reported import read
from shared.db import Connection


async def look_again(connection: Connection, folding: Folding, receipts: Sequence[UUID]) -> None:
    """Apply the held ones among these as if they had just come; what was decided meanwhile is passed.

    Not locked before the fold locks them in its own order: one that another follower has applied or rejected since it
    was read is recognised there. What has to be held still stays as it is, with its day, and is not told again.
    """
    rows = await sql.held(connection, receipts)
    events = [
        read(folding.vault.ring, row["receipt"], folding.vault.open_held(row["receipt"], row["body"])) for row in rows
    ]
    if events:
        await folding.apply(connection, events)
