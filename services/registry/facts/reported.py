"""A vital event as the exchange tells it (feed `vital-events`), read into facts and blind indexes."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from services.registry.facts.sayings import event_itself, facts_of
from services.registry.facts.values import EventKey, Fact, NamedNumber, named_number
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.envelope import CloudEvent
from shared.contracts.values import Payload
from shared.crypto.blind import blind_index, lock_key
from shared.crypto.keyring import KeyRing

IDENTITY, CARE = "identity", "care-index"


@dataclass(frozen=True)
class Number:
    """One identifier of a mention, with the blind index by which it is found."""

    index: bytes
    named: NamedNumber


@dataclass(frozen=True)
class Reported:
    """One accepted vital event: its receipt, `fact` (what is said of the event itself, about nobody), its facts by
    role, the identifiers of each role, its bytes. A dwelling without occupants has no roles. `batch`: the bulk load it
    came in, if any."""

    receipt: UUID
    department: str
    fact: Fact
    facts: dict[str, Fact]
    numbers: dict[str, tuple[Number, ...]]
    body: bytes
    batch: str | None = None

    @property
    def key(self) -> EventKey:
        """Source and id."""
        return self.fact.event

    @property
    def supersedes(self) -> EventKey | None:
        """The event it corrects or annuls."""
        return self.fact.supersedes


def read(ring: KeyRing, receipt: UUID, body: bytes) -> Reported:
    """Read an entry of `vital-events`. It was judged at the intake; what is no such thing raises, and is parked."""
    told: dict[str, Any] = msgspec.json.decode(body)
    message, department = told["event"], told["department"]
    entry = CATALOGUE[message["type"]]
    envelope = CloudEvent.model_validate({"specversion": "1.0", **message})
    data: Payload = entry.adapter.validate_python(message["data"])
    fact = event_itself(entry.type, envelope, data, recorded_at=None, department=department)
    facts = facts_of(entry.type, envelope, data, recorded_at=None, department=department)
    numbers = {
        role: tuple(
            Number(blind_index(ring, IDENTITY, n.type, n.issuer, n.value), n)
            for n in sorted({named_number(identifier) for identifier in person.identifiers})
        )
        for role, person in entry.people(data).items()
    }
    return Reported(receipt, department, fact, facts, numbers, body, told.get("batch"))


def locks_of(reported: Reported) -> set[int]:
    """Advisory lock keys: every identifier, the event itself and the one it supersedes.

    Without the event keys a correction could look for its event just before that one is committed, and wait for ever.
    """
    keys = {lock_key(number.index) for numbers in reported.numbers.values() for number in numbers}
    for key in filter(None, (reported.key, reported.supersedes)):
        keys.add(lock_key(hashlib.sha256("\n".join(key).encode()).digest()[:16]))
    return keys
