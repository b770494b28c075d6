"""What can be asked for, and what a value must be like. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from pydantic import TypeAdapter, ValidationError

from services.registry.corrections.problems import NOT_SAID, Refused
from services.registry.corrections.schemas import Ask
from services.registry.facts.approved import DIED_ON
from services.registry.facts.state import PersonState
from services.registry.facts.values import RESIDENT_NUMBER
from services.registry.sharing.entries import Said
from shared.contracts.values import Day, Identifier, Sex, Text
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.errors import Fault, Invalid
from shared.errors_text import Text as Words

DUE: Final = timedelta(days=30)
OPEN, APPROVED, SETTLED, PERMITTED, REFUSED, WITHDRAWN, ANNULLED = (
    "open",
    "approved",
    "settled",
    "permitted",
    "refused",
    "withdrawn",
    "annulled",
)
KEY, BODY, ANSWER, ANNULMENT = "registry", "body", "answer", "annulment"

DIRECT: Mapping[str, TypeAdapter[Any]] = {
    "name": TypeAdapter(Text),
    "sex": TypeAdapter(Sex),
    "birth_date": TypeAdapter(Day),
    "identity_number": TypeAdapter(Identifier),
    DIED_ON: TypeAdapter(Day),
}
"""Fields that an approval corrects by itself. Any other one is corrected by an event of its authority's."""


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for. `said`: whether a value is; of `died_on` one that is said and None says that the person
    lives."""

    reason: str
    said: bool = False
    value: str | None = None
    since: date | None = None


class Answer(msgspec.Struct, frozen=True):
    """What was decided. `value`: what stands where it was approved."""

    reason: str
    law: str | None = None
    value: str | None = None


encode = msgspec.msgpack.Encoder().encode
decode_wanted = msgspec.msgpack.Decoder(Wanted).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


def wanted_of(ask: Ask, today: date) -> Wanted:
    """What is asked for. Raises Invalid for a value that the field cannot have."""
    if ask.since is not None and ask.since > today:
        raise Invalid(faults=[Fault("/since", Words("is a day that has not come yet", "日期尚未到来"))])
    said = "value" in ask.model_fields_set and (ask.value is not None or ask.field == DIED_ON)
    value = checked(ask.field, ask.value, today) if said else None
    return Wanted(ask.reason, said, value, ask.since)


def checked(field: str, value: str | None, today: date) -> str | None:
    """A value as it is stored. Raises Invalid where the field cannot have it; the fault never repeats it."""
    if value is None or field not in DIRECT:
        return value
    try:
        asked: object = {"type": RESIDENT_NUMBER, "value": value} if field == "identity_number" else value
        found = DIRECT[field].validate_python(asked)
    except ValidationError:
        raise Invalid(faults=[Fault("/value", Words("is no value of this field", "不是该字段的有效值"))]) from None
    if isinstance(found, date):
        if found > today:
            raise Invalid(faults=[Fault("/value", Words("is a day that has not come yet", "日期尚未到来"))])
        return found.isoformat()
    return found.value.upper() if isinstance(found, Identifier) else str(found)


def acknowledged_of(standing: str, told: Said | None) -> Said | None:
    """Whether receivers acknowledged a correction, as the exchange told it; None where nothing was corrected."""
    return (told or "not-yet") if standing in (APPROVED, SETTLED, ANNULLED) else None


def fits(state: PersonState, field: str, value: str | None) -> None:
    """Raises Refused where nobody can be like that: dead before they were born."""
    days = {"birth_date": state.birth_date, DIED_ON: state.died_on}
    if field in days:
        days[field] = date.fromisoformat(value) if value else None
    born, died = days["birth_date"], days[DIED_ON]
    if born is not None and died is not None and died < born:
        raise Refused(NOT_SAID)


def sealed(ring: KeyRing, request: UUID, what: str, said: msgspec.Struct) -> bytes:
    """A text, bound to its request and place."""
    return seal(ring, KEY, encode(said), b"correction" + what.encode() + request.bytes)


def opened(ring: KeyRing, request: UUID, what: str, stored: bytes) -> bytes:
    """A stored text, still encoded."""
    return unseal(ring, KEY, stored, b"correction" + what.encode() + request.bytes)
