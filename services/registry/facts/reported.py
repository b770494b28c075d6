"""A vital event as the exchange tells it (feed `vital-events`), read into facts and blind indexes."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from services.registry.facts.sayings import event_itself, facts_about
from services.registry.facts.values import EventKey, Fact, NamedNumber
from shared.contracts import judged
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
    accepted, entry, data = judged.read(body)
    fact = event_itself(entry.type, accepted.event, data, recorded_at=None, department=accepted.department)
    facts = facts_about(fact, entry, data)
    numbers = {role: tuple([number_of(ring, named) for named in said.body.identifiers]) for role, said in facts.items()}
    return Reported(receipt, accepted.department, fact, facts, numbers, body, accepted.batch)


def number_of(ring: KeyRing, named: NamedNumber) -> Number:
    """An identifier as it is found."""
    return Number(blind_index(ring, IDENTITY, named.type, named.issuer, named.value), named)


def locks_of(reported: Reported) -> set[int]:
    """Advisory lock keys: every identifier, the event itself and the one it supersedes.

    Without the event keys a correction could look for its event just before that one is committed, and wait for ever.
    """
    keys = {lock_key(number.index) for numbers in reported.numbers.values() for number in numbers}
    return keys | {lock_of(key) for key in (reported.key, reported.supersedes) if key}


def lock_of(event: EventKey) -> int:
    """The advisory lock key of one event."""
    return lock_key(hashlib.sha256("\n".join(event).encode()).digest()[:16])
