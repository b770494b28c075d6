"""A numbered feed's entries as records of its topic, and back: epoch and position stand in the headers. Pure."""

from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

import msgspec

from shared.feed.follow import FeedEntry
from shared.feed.values import Cursor, Entry
from shared.kafka.values import Message, Record

CLOUD_EVENT = b"application/cloudevents+json"
JSON = b"application/json"


def message_of(epoch: UUID, entry: Entry) -> Message:
    """An entry as it is published: the CloudEvent, or for a withheld one `{"position", "withheld": true}`. No key."""
    if entry.body is None:
        return record_of(epoch, entry.position, b'{"position":%d,"withheld":true}' % entry.position, JSON)
    return record_of(epoch, entry.position, entry.body, CLOUD_EVENT)


def stub_of(epoch: UUID, position: int) -> Message:
    """In place of an entry that the broker will not take: the department pulls it over HTTP."""
    return record_of(epoch, position, b'{"position":%d,"too_large":true}' % position, JSON)


def record_of(epoch: UUID, position: int, value: bytes, kind: bytes) -> Message:
    """A record of a feed's topic, whatever its value."""
    headers = (("epoch", str(epoch).encode()), ("position", b"%d" % position), ("content-type", kind))
    return Message(value, headers=headers)


def cursor_of(record: Record | None) -> Cursor | None:
    """Epoch and position of a record; None for one without, or that a relay did not write."""
    if record is None:
        return None
    try:
        epoch, position = (record.header(name) or b"" for name in ("epoch", "position"))
        found = Cursor(UUID(epoch.decode("ascii")), int(position))
    except ValueError:
        return None
    return found if found.position > 0 else None


@dataclass(frozen=True)
class Published:
    """What a record of a feed's topic says. `entry` is None for a stub: the entry must be pulled over HTTP."""

    at: Cursor
    entry: FeedEntry | None


class _Named(msgspec.Struct):
    """The id of a CloudEvent, which is the entry's."""

    id: UUID


class _Stub(msgspec.Struct):
    position: int
    withheld: bool = False


_NAMED: msgspec.json.Decoder[_Named] = msgspec.json.Decoder(_Named)
_STUB: msgspec.json.Decoder[_Stub] = msgspec.json.Decoder(_Stub)


def published(record: Record) -> Published | None:
    """Read a record of a feed's topic; None where it is none of a relay's."""
    at = cursor_of(record)
    if at is None or record.value is None:
        return None
    try:
        if record.header("content-type") == CLOUD_EVENT:
            entry_id = _NAMED.decode(record.value).id
            return Published(at, FeedEntry(at.position, id=entry_id, data=msgspec.Raw(record.value)))
        withheld = _STUB.decode(record.value).withheld
        return Published(at, FeedEntry(at.position, withheld=True) if withheld else None)
    except msgspec.DecodeError:
        return None


class Form(Protocol):
    """How a feed's entries stand in its topic. Epoch and position always stand in the headers: see `cursor_of`."""

    def written(self, epoch: UUID, entry: Entry) -> Message:
        """An entry as a record."""
        ...

    def stub(self, epoch: UUID, position: int) -> Message:
        """In place of an entry that the broker will not take."""
        ...

    def read(self, record: Record) -> Published | None:
        """What a record says; None where it is none of a relay's."""
        ...


class Plain:
    """The departments' form: one CloudEvent a record, as it stands on their feed."""

    def written(self, epoch: UUID, entry: Entry) -> Message:
        """The entry's CloudEvent, or that it was withheld."""
        return message_of(epoch, entry)

    def stub(self, epoch: UUID, position: int) -> Message:
        """That the entry is too large."""
        return stub_of(epoch, position)

    def read(self, record: Record) -> Published | None:
        """Entry or stub."""
        return published(record)


PLAIN: Final = Plain()
