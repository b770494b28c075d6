"""What is sealed beside an episode of the registry's words about it. Pure."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from services.alerts.directory.entries import Told
from services.alerts.life.rules import Finding, Kin, asks


class KinNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody else whom the episode concerns."""

    kin: Kin
    reference: str


class LifeNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`findings`: what its worker reads. `stopped`: whether the registry's words ended it, so that she may take it up
    again. `answered_*`: the last word that she has decided about. `compared`: what else the same person has here, and
    she has decided goes on beside this; only as long as it is there. `kin`: whom else it concerns."""

    findings: tuple[Finding, ...] = ()
    stopped: bool = False
    answered_at: datetime | None = None
    answered_position: int = 0
    kin: tuple[KinNote, ...] = ()
    compared: tuple[UUID, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether its worker has to look."""
        return asks(self.findings)

    @property
    def answered(self) -> Told | None:
        """The last word that she has decided about."""
        return None if self.answered_at is None else Told(self.answered_at, self.answered_position)

    def answering(self, word: Told | None) -> "LifeNote":
        """The same, once she has decided about everything up to a word."""
        if word is None:
            return self
        return msgspec.structs.replace(self, answered_at=word.at, answered_position=word.position)


_NOTE: Final = msgspec.json.Decoder(LifeNote)


def written(note: LifeNote) -> bytes:
    """As JSON."""
    return msgspec.json.encode(note)


def read(text: bytes) -> LifeNote:
    """A note. Raises msgspec.ValidationError."""
    return _NOTE.decode(text)
