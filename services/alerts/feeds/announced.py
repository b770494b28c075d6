"""What an entry of a facility's feed says: of help with registering a birth, of a care contact, of a consent, or of a
day. Pure."""

from typing import Final
from uuid import UUID

import msgspec

from shared.feed.values import Entry

DIGEST: Final = "digest"
# Whoever has such a task on a list of their own takes it off: these say no more than that, and are never withheld.
ENDS: Final = frozenset({"closed", "moved-away"})


class Announcement(msgspec.Struct, frozen=True):
    """The body of an entry. `help` names help with registration, `contact` a care contact, `episode` one whose consent
    ends after `ends_on`; of none of them: a digest, with its counts. Dates in Asia/Shanghai; `on`: the day on which it
    became so."""

    kind: str
    help: UUID | None = None
    contact: UUID | None = None
    episode: UUID | None = None
    on: str | None = None
    born_on: str | None = None
    opened_on: str | None = None
    opens_on: str | None = None
    due_on: str | None = None
    closes_on: str | None = None
    ends_on: str | None = None
    today: int | None = None
    overdue: int | None = None
    soon: int | None = None

    @property
    def care(self) -> UUID | None:
        """The care contact or the episode that it is about."""
        return self.contact or self.episode


_DECODER: Final = msgspec.json.Decoder(Announcement)


def announcement(entry: Entry) -> Announcement | None:
    """What an entry announces; None where it is withheld."""
    return None if entry.body is None else _DECODER.decode(entry.body)
