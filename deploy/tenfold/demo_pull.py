"""Pull every department's and facility's feed from the first to the last entry, as its reader would."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from deploy.tenfold.demo_reach import again
from shared.client import Client

PAGE = 1000
RECEIPT_CHANGED = "cn.tenfold.receipt.changed.v1"


class Receipted(msgspec.Struct):
    """What an entry about a receipt says; other entries have neither."""

    receipt: str | None = None
    status: str | None = None


class Told(msgspec.Struct):
    """The part of a feed entry that accounting needs."""

    type: str
    data: Receipted


TOLD = msgspec.json.Decoder(Told)


@dataclass
class Pulled:
    """One feed as its reader got it."""

    entries: int = 0
    head: int = 0
    out_of_order: int = 0
    """Entries that did not stand right behind the one before."""
    repeated: int = 0
    types: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, str] = field(default_factory=dict)
    """Receipt → the last status that was told."""

    @property
    def faults(self) -> int:
        """Entries that are missing, stand in the wrong place or came twice."""
        return abs(self.head - self.entries) + self.out_of_order + self.repeated


async def pull(client: Client, *, cloud_events: bool) -> Pulled:
    """Read /v1/feed to its head; the entries of departments are CloudEvents."""
    pulled, seen, after, position = Pulled(), set[UUID | None](), None, 0
    while True:
        query: dict[str, str | int | float] = {"limit": PAGE}
        page = await again(client.page, "/v1/feed", query | ({"after": after} if after else {}))
        for entry in page.entries:
            position += 1
            pulled.out_of_order += entry.position != position
            seen.add(entry.id)
            if cloud_events:
                told = TOLD.decode(entry.data)
                pulled.types[told.type] += 1
                if told.type == RECEIPT_CHANGED and told.data.receipt and told.data.status:
                    pulled.receipts[told.data.receipt] = told.data.status
        after, pulled.head = page.next_after, page.head
        if not page.entries or position >= page.head:
            break
    pulled.entries, pulled.repeated = position, position - len(seen)
    return pulled


async def open_help(client: Client) -> int:
    """How many tasks a facility's worklist holds."""
    count, after = 0, None
    while True:
        page = await again(client.get, "/v1/worklist", limit=200, **({"after": after} if after else {}))
        count += len(page["tasks"])
        after = page["next_after"]
        if after is None:
            return count
