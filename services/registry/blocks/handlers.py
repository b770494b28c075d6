"""Everyone's blocks, kept by the fold in its own transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.registry.blocks import repository as sql
from services.registry.facts.derived import Folded
from services.registry.facts.state import PersonState
from services.registry.identity.blocking import blocks
from services.registry.identity.description import describe
from shared.crypto.blind import blind_keys
from shared.crypto.keyring import KeyRing
from shared.db import Connection

KEY: Final = "blocks"
"""A key of its own: a block and an identifier never have the same digest, whatever they are made of."""


@dataclass(frozen=True)
class Blinding:
    """Makes of the names and birth dates in blocking keys what can be stored."""

    ring: KeyRing

    def keys(self, texts: Iterable[str]) -> set[bytes]:
        """The stored form of blocking keys."""
        return set(blind_keys(self.ring, KEY, texts))

    def of(self, state: PersonState | None) -> set[bytes]:
        """The blocks in which a person of this state stands. Parents' names are not in them: they are of other
        people's states, and change with those."""
        return set() if state is None else self.keys(blocks(describe(state)))


@dataclass(frozen=True)
class StoreBlocks:
    """What derives from people, of this feature (services/registry/facts/derived.py)."""

    blinding: Blinding

    async def __call__(self, connection: Connection, folded: Folded) -> None:
        """Store what changed: a move, a marriage or a death changes nobody's blocks. Merged people leave theirs."""
        added: list[sql.Row] = []
        removed: list[sql.Row] = []
        for person, state in folded.after.items():
            old = folded.before.get(person)
            if old is not None and (old.name, old.birth_date) == (state.name, state.birth_date):
                continue
            before, after = self.blinding.of(old), self.blinding.of(state)
            added += [(key, person) for key in after - before]
            removed += [(key, person) for key in before - after]
        for person in folded.merged:
            removed += [(key, person) for key in self.blinding.of(folded.before[person])]
        await sql.store(connection, added, removed)
