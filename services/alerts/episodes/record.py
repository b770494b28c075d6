"""The care record of an episode: everything about her that is kept, sealed under the episode's own key. Pure.

Nothing of it stands in a plain column, a feed, a log or a measure. The infection flag and why an episode ended are read
by `GET /v1/episodes/{id}` alone.
"""

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from services.alerts.schedules.facts import EpisodeFacts
from services.alerts.schedules.selection import Choice

VERSION: Final = 1


class Kind(StrEnum):
    """What an episode is for."""

    MATERNAL = "maternal"
    CHILD = "child"
    TRANSFER = "transfer"
    ENTITLEMENT = "entitlement"


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which she chose to be reached, such as phone and a number."""

    how: str
    value: str


class CareRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record. `reference`: whom the episode is linked to. `avoid`: whom not to contact, in her words. `facts` and
    `choices` are what the plan is made of (schedules/plan.py); what became of contacts stands with them and is not
    repeated here. `facts` is None while the consent is only proposed: nothing is known before it is given. `paused`:
    she wants no reminders. `request`: digest of what was sent at enrolment. `details`: what a kind keeps beside.
    """

    request: str
    enrolled_by: str
    language: str
    version: int = VERSION
    name: str | None = None
    reference: str | None = None
    reach: tuple[Reach, ...] = ()
    avoid: tuple[str, ...] = ()
    facts: EpisodeFacts | None = None
    choices: tuple[Choice, ...] = ()
    risk_set_by: str | None = None
    infection: bool = False
    paused: bool = False
    ended_because: str | None = None
    ended_on: date | None = None
    details: dict[str, str] = {}


class ConsentNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of one step of a consent: which text in which version and language she was given (`digest`: SHA-256
    of its words), by which channel, and who took it down."""

    text: str
    text_version: str
    digest: str
    language: str
    channel: str
    by: str


_RECORD: Final = msgspec.json.Decoder(CareRecord)
_CONSENT: Final = msgspec.json.Decoder(ConsentNote)


def written(value: CareRecord | ConsentNote) -> bytes:
    """As JSON."""
    return msgspec.json.encode(value)


def read_record(text: bytes) -> CareRecord:
    """A record. Raises msgspec.ValidationError."""
    return _RECORD.decode(text)


def read_consent(text: bytes) -> ConsentNote:
    """A step of a consent. Raises msgspec.ValidationError."""
    return _CONSENT.decode(text)
