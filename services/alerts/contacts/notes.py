"""What is sealed of a contact and of its outcome. Pure."""

from datetime import date
from typing import Final

import msgspec

from services.alerts.contacts.outcomes import Outcome, OutcomeKind
from services.alerts.schedules.plan import PlannedContact


class ContactNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which contact of which schedule it is. `child`: whose, None where it is the mother's."""

    schedule: str
    version: str
    code: str
    child: int | None = None

    @classmethod
    def of(cls, planned: PlannedContact) -> "ContactNote":
        """The note of a planned contact."""
        return cls(planned.schedule, planned.version, planned.code, planned.child)

    @property
    def key(self) -> tuple[str, str, int | None]:
        """The same contact in another version of its schedule."""
        return (self.schedule, self.code, self.child)


class OutcomeNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was said of a contact, by whom and on which day. `on`: the day it is about. `referral`: the number of the
    referral that was made there, whose result is asked after."""

    kind: OutcomeKind
    on: date
    recorded_on: date
    by: str
    note: str | None = None
    referral: int | None = None

    def outcome(self, undone_on: date | None = None) -> Outcome:
        """As the rules see it."""
        return Outcome(self.kind, self.on, self.recorded_on, undone_on)


_CONTACT: Final = msgspec.json.Decoder(ContactNote)
_OUTCOME: Final = msgspec.json.Decoder(OutcomeNote)


def written(note: ContactNote | OutcomeNote) -> bytes:
    """As JSON."""
    return msgspec.json.encode(note)


def read_contact(text: bytes) -> ContactNote:
    """A contact's note. Raises msgspec.ValidationError."""
    return _CONTACT.decode(text)


def read_outcome(text: bytes) -> OutcomeNote:
    """An outcome's note. Raises msgspec.ValidationError."""
    return _OUTCOME.decode(text)
