"""What the exchange tells on its feed `sharing`: agreements, cases, what departments were told, retries. Pure."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

Said = Literal["not-yet", "yes", "overdue"]


class AgreementTold(msgspec.Struct, tag_field="kind", tag="agreement", frozen=True):
    """An agreement and how it stands: `in-force`, `suspended` or `ended`. The newest entry of an identifier counts."""

    identifier: str
    status: str
    agreement: dict[str, Any]


class NumberGiven(msgspec.Struct, frozen=True):
    """By which identifier a department names the person."""

    type: str
    value: str
    issuer: str = ""


class CaseAsked(msgspec.Struct, tag_field="kind", tag="case-asked", frozen=True):
    """A department asks to open a case on the person with that identifier, under an agreement, until a day."""

    case: UUID
    department: str
    identifier: NumberGiven
    purpose: str
    agreement: str
    until: date
    subject: str


class CaseClosed(msgspec.Struct, tag_field="kind", tag="case-closed", frozen=True):
    """A department closed a case that it had opened by call."""

    case: UUID
    department: str


class Disclosure(msgspec.Struct, frozen=True):
    """One act told a department these fields of the person it knows by that reference, for one purpose. `entry` names
    the act for ever: a feed entry, or a page of a snapshot and the person in it."""

    entry: UUID
    department: str
    reference: str
    purpose: str
    fields: list[str]
    basis: list[str]
    at: datetime


class Disclosed(msgspec.Struct, tag_field="kind", tag="disclosed", frozen=True):
    """What one page of telling disclosed. `action`: by `feed` or `snapshot`."""

    disclosures: list[Disclosure]
    action: str = "feed"


class Retry(msgspec.Struct, tag_field="kind", tag="retry", frozen=True):
    """A department asks to look at a held event again now."""

    receipt: UUID


class Acknowledged(msgspec.Struct, tag_field="kind", tag="acknowledged", frozen=True):
    """Whether everyone who was told of a correction has acknowledged it, by the receipt by which they were: told when
    the last day is over, and whenever it changes after that."""

    correction: UUID
    receipt: UUID
    acknowledged: Said


Told = AgreementTold | CaseAsked | CaseClosed | Disclosed | Retry | Acknowledged
TOLD: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)
