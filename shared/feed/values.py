"""The words of a feed: cursor, entry, page."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from shared.errors import Conflict, Fault, Invalid, Text

CURSOR = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):(0|[1-9][0-9]{0,17})")


class FeedReset(Conflict):
    """The cursor belongs to another epoch, or lies beyond the head: the log was rebuilt or restored (409)."""

    def __init__(self, epoch: UUID) -> None:
        super().__init__("feed-reset", epoch=str(epoch))


@dataclass(frozen=True)
class Cursor:
    """Where a follower stands: everything up to and including `position` of that epoch has been handled."""

    epoch: UUID
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.position}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read `epoch:position`. Raises Invalid (422)."""
        found = CURSOR.fullmatch(text)
        if found is None:
            wrong = Text("must be a cursor as the feed gave it", "必须是数据流给出的游标")
            raise Invalid(faults=[Fault("after", wrong)])
        return cls(UUID(found[1]), int(found[2]))


@dataclass(frozen=True)
class NewEntry:
    """An entry to append. `entry_id` names it for ever, over epochs; a known one is not appended again."""

    entry_id: UUID
    body: bytes
    partition: int = 0


@dataclass(frozen=True)
class Placed:
    """Where a new entry came to stand."""

    entry_id: UUID
    epoch: UUID
    position: int


@dataclass(frozen=True)
class Entry:
    """One entry as read; `body` is JSON text, None where it was withheld after it was numbered."""

    position: int
    entry_id: UUID
    recorded_at: datetime
    body: bytes | None

    @cached_property
    def json(self) -> bytes:
        """As JSON, around its stored bytes: `data` is not parsed again. Made once for all who are told."""
        if self.body is None:
            return b'{"position":%d,"withheld":true}' % self.position
        return b'{"position":%d,"id":"%s","recorded_at":"%s","data":%s}' % (
            self.position,
            str(self.entry_id).encode(),
            self.recorded_at.isoformat().encode(),
            self.body,
        )


@dataclass(frozen=True)
class Page:
    """Entries after a cursor, in order and without a hole; `head` is the newest position there is."""

    epoch: UUID
    head: int
    entries: list[Entry]
    after: int

    @property
    def next_after(self) -> Cursor:
        """The cursor to ask with next."""
        return Cursor(self.epoch, self.entries[-1].position if self.entries else self.after)
