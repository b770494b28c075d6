"""How facts, states and held events are sealed at rest: bound to their rows, so that none can be moved to another."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact, decode_fact, encode
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal

KEY = "registry"
decode_state = msgspec.msgpack.Decoder(PersonState).decode


@dataclass(frozen=True)
class Vault:
    """Seals and opens what the registry stores of people."""

    ring: KeyRing

    def seal_fact(self, receipt: UUID, role: str, fact: Fact) -> bytes:
        """A fact, bound to its event and role."""
        return seal(self.ring, KEY, encode(fact), of_fact(receipt, role))

    def open_fact(self, receipt: UUID, role: str, sealed: bytes) -> Fact:
        """A stored fact."""
        return decode_fact(unseal(self.ring, KEY, sealed, of_fact(receipt, role)))

    def seal_state(self, person: UUID, state: PersonState) -> bytes:
        """A person's state, bound to the person."""
        return seal(self.ring, KEY, encode(state), of_state(person))

    def open_state(self, person: UUID, sealed: bytes) -> PersonState:
        """A stored state."""
        return decode_state(unseal(self.ring, KEY, sealed, of_state(person)))

    def seal_held(self, receipt: UUID, body: bytes) -> bytes:
        """A held event, as the exchange told it."""
        return seal(self.ring, KEY, body, b"held" + receipt.bytes)

    def open_held(self, receipt: UUID, sealed: bytes) -> bytes:
        """A stored held event."""
        return unseal(self.ring, KEY, sealed, b"held" + receipt.bytes)


def of_fact(receipt: UUID, role: str) -> bytes:
    """What a sealed fact is bound to."""
    return receipt.bytes + role.encode()


def of_state(person: UUID) -> bytes:
    """What a sealed state is bound to."""
    return b"state" + person.bytes
