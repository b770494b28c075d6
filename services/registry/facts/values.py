"""Facts: what one vital event says about one person, immutable, and how they are written (built: sayings.py).

Other people stand in a fact only as *mentions* (event source, event id, role), never as person ids: merging or
splitting people re-points links and leaves every fact as it was.
"""

from datetime import date, datetime
from typing import TypeAlias

import msgspec

from shared.contracts.values import Household, Identifier

EventKey: TypeAlias = tuple[str, str]
"""Source and id of a vital event, as its reporter gave them."""
Mention: TypeAlias = tuple[str, str, str]
"""A source record: the event's source and id, and the role in which it mentions the person."""

RESIDENT_NUMBER = "resident-identity-number"
CORRECTION, CORRECTIONS = "correction.approved", "urn:tenfold:registry:corrections"
"""Type and source of the registry's own facts: corrections that an authority approved (facts/approved.py)."""
UNIQUE_WITHOUT_ISSUER = frozenset({RESIDENT_NUMBER, "birth-certificate-number"})
"""Numbers of one national series: an issuer that one reporter states and another omits must not part them."""


class NamedNumber(msgspec.Struct, frozen=True, array_like=True, order=True):
    """An identifier as it is compared: type, value in capitals, issuer where it matters ("" where it does not)."""

    type: str
    value: str
    issuer: str = ""


class HouseholdEntry(msgspec.Struct, frozen=True, array_like=True):
    """The line of a household register in which the person stands."""

    number: str
    kind: str
    relation: str
    area: str


class LawfulChange(msgspec.Struct, frozen=True, array_like=True):
    """How the person was described before their identity was changed by law, and the resident number given by it.

    The body itself holds what they became, and the identifiers of both."""

    name_before: str
    birth_date_before: date
    identity_number: str | None = None


class Approved(msgspec.Struct, frozen=True, array_like=True):
    """A value that the authority on its field approved as a correction, as text; None: there is none (somebody lives).

    With how the person was described and numbered until then: what was said before is still theirs."""

    field: str
    value: str | None
    name_before: str
    birth_date_before: date
    number_before: str | None = None


class FactBody(msgspec.Struct, frozen=True, array_like=True):
    """What the event says about this one person. Fields that the event's type does not carry stay empty.

    Written as a msgpack array: new fields go to the end, with a default, so that stored facts stay readable.
    """

    name: str
    sex: str
    birth_date: date
    identifiers: tuple[NamedNumber, ...] = ()
    certificate: str | None = None
    mother: Mention | None = None
    father: Mention | None = None
    spouse: Mention | None = None
    household: HouseholdEntry | None = None
    permit: str | None = None
    from_area: str | None = None
    to_area: str | None = None
    help_requested: bool = False
    spouse_numbers: tuple[NamedNumber, ...] = ()
    cancelled: str | None = None
    stay: str | None = None
    current_area: str | None = None
    became: LawfulChange | None = None
    approved: Approved | None = None


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """One vital event as far as it concerns one person. `type` is the short name, `time` and `recorded_at` are UTC;
    `recorded_at` is None until the registry has recorded it."""

    event_source: str
    event_id: str
    type: str
    role: str
    action: str
    effective_on: date
    time: datetime
    supersedes: EventKey | None
    recorded_at: datetime | None
    department: str
    body: FactBody

    @property
    def event(self) -> EventKey:
        """The vital event it comes from."""
        return (self.event_source, self.event_id)

    @property
    def mention(self) -> Mention:
        """The source record it is about."""
        return (self.event_source, self.event_id, self.role)


def named_number(identifier: Identifier) -> NamedNumber:
    """Give the identifier in the form in which it is compared."""
    issuer = "" if identifier.type in UNIQUE_WITHOUT_ISSUER else (identifier.issuer or "")
    return NamedNumber(identifier.type, identifier.value.upper(), issuer)


def household_entry(household: Household) -> HouseholdEntry:
    """Give the register line of a payload's household."""
    return HouseholdEntry(household.number, household.kind, household.relation, household.area)


encode = msgspec.msgpack.Encoder().encode
"""Write a fact, a body or a state as msgpack."""
decode_body = msgspec.msgpack.Decoder(FactBody).decode
"""Read a body back. Raises msgspec.DecodeError."""
decode_fact = msgspec.msgpack.Decoder(Fact).decode
"""Read a whole fact back. Raises msgspec.DecodeError."""
