"""How one service's feed stands in a topic for another service: sealed, under a key that only these two hold.

Bodies hold personal data, and a broker keeps what it is given: so they are encrypted at rest there too (protection
rule 7). A record is bound to its place in the feed: none can be moved, repeated elsewhere or made by whoever lacks the
key; what does not open is passed over like a stranger's, and so becomes a hole, which is pulled.
"""

from typing import Final
from uuid import UUID

import msgspec

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, unseal
from shared.feed.follow import FeedEntry
from shared.feed.values import Cursor, Entry
from shared.kafka.feed_records import Published, cursor_of, published, record_of, stub_of
from shared.kafka.values import Message, Record

SEALED: Final = b"application/octet-stream"
ENTRY: msgspec.json.Decoder[FeedEntry] = msgspec.json.Decoder(FeedEntry)

# Which key seals which feed. The registry's ring owns both; the other side's has a copy (KeyRing.share).
KEYS: Final = {
    "vital-events": "exchange-registry",
    "sharing": "exchange-registry",
    "changes": "exchange-registry",
    "care": "registry-alerts",
}


class Sealed:
    """The form of one partition of an internal feed. `key` names the ring's key that both services hold."""

    def __init__(self, ring: KeyRing, key: str, feed: str, partition: int) -> None:
        self.ring, self.key, self.feed, self.partition = ring, key, feed, partition

    def written(self, epoch: UUID, entry: Entry) -> Message:
        """The entry as HTTP gives it, sealed."""
        place = self._place(Cursor(epoch, entry.position))
        return record_of(epoch, entry.position, seal(self.ring, self.key, entry.json, place), SEALED)

    def stub(self, epoch: UUID, position: int) -> Message:
        """That an entry is too large: nothing of it, so it is not sealed."""
        return stub_of(epoch, position)

    def read(self, record: Record) -> Published | None:
        """What a record says; None where it was not sealed for this very place."""
        at = cursor_of(record)
        if at is None or record.value is None:
            return None
        if record.header("content-type") != SEALED:
            told = published(record)
            # A stub only asks for a pull; an entry that is not sealed is nobody's.
            return told if told is not None and told.entry is None else None
        try:
            entry = ENTRY.decode(unseal(self.ring, self.key, record.value, self._place(at)))
        except (Unsealable, msgspec.DecodeError):
            return None
        return Published(at, entry)

    def _place(self, at: Cursor) -> bytes:
        return f"{self.feed}/{self.partition}/{at}".encode()
