"""A subscription's entries as records of its topic: those of a feed's topic, and what stands between them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from services.exchange.topics.repository import TopicWish
from shared.feed.values import Cursor, Entry
from shared.kafka.feed_records import Plain, cursor_of
from shared.kafka.values import Message, Record

ROUND, AFTER, EPOCH, POSITION = "round", "after", "epoch", "position"
COPIED: Final = (EPOCH, POSITION, ROUND)


@dataclass(frozen=True)
class Filtered(Plain):
    """Records of one round. `after` is the position of the record before it: what lies between was passed over, so
    that a reader who has not got that far knows of a hole."""

    mark: bytes
    before: Mapping[int, int]

    def written(self, epoch: UUID, entry: Entry) -> Message:
        """The entry's CloudEvent, or that it was withheld."""
        return self.marked(super().written(epoch, entry), entry.position)

    def stub(self, epoch: UUID, position: int) -> Message:
        """That the entry is too large."""
        return self.marked(super().stub(epoch, position), position)

    def marked(self, message: Message, position: int) -> Message:
        """With the headers that a filtered topic has besides."""
        more = ((AFTER, b"%d" % self.before[position]), (ROUND, self.mark))
        return replace(message, headers=(*message.headers, *more))


def filtered(wish: TopicWish, entries: Sequence[Entry], start: int) -> Filtered:
    """How these entries are written, the first one after the position `start`."""
    positions = [entry.position for entry in entries]
    return Filtered(wish.mark, dict(zip(positions, [start, *positions[:-1]], strict=True)))


def standing(wish: TopicWish, last: Record | None) -> Cursor:
    """Where a topic goes on whose last record this is.

    A record of another round is followed by this round's beginning. Without records that are this subscription's the
    topic is filled from the first place that it ever was to hold.
    """
    mark = None if last is None else last.header(ROUND)
    if mark == wish.mark:
        return cursor_of(last) or Cursor(wish.epoch, wish.holds_after)
    ours = mark is not None and mark.startswith(b"%s/" % str(wish.subscription_id).encode())
    return Cursor(wish.epoch, wish.begins_after if ours else wish.holds_after)
