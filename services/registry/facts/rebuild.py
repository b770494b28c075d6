"""Derive people, residencies, identifier indexes and blocks once more, beside the live tables, and compare."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from services.registry.blocks import repository as blocks
from services.registry.blocks.handlers import Blinding
from services.registry.facts import repository as sql
from services.registry.facts.fold import Authorities, fold_couples
from services.registry.facts.lineage import dead
from services.registry.facts.reported import IDENTITY
from services.registry.facts.state import PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.values import EventKey, Fact
from services.registry.facts.widowed import deaths_of
from services.registry.imports.alone import alone, state_of
from shared.crypto.blind import blind_index
from shared.db import Connection

encode = msgspec.msgpack.Encoder().encode
DIGESTS = 1 << 256


@dataclass
class Table:
    """How many rows a table has, and a hash of what they say, whatever they are sealed with."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Take in rows. Hashes are added up: the order of rows does not matter, and two of the same do not cancel."""
        for row in rows:
            self.rows += 1
            self.digest = (self.digest + int.from_bytes(hashlib.sha256(encode(row)).digest(), "big")) % DIGESTS


@dataclass
class Derived:
    """Everything that derives from facts and links."""

    person: Table = field(default_factory=Table)
    residency: Table = field(default_factory=Table)
    identifier_index: Table = field(default_factory=Table)
    block: Table = field(default_factory=Table)


@dataclass(frozen=True)
class Known:
    """The facts of people, the lines of events that these are of (in the same order), and which events among them do
    not count."""

    said: dict[UUID, list[Fact]]
    lineages: dict[UUID, list[UUID]]
    dead: set[EventKey]


@dataclass
class Rebuild:
    """A comparison of the live tables with what their facts say. Run it in one repeatable-read transaction."""

    vault: Vault
    authorities: Authorities
    page: int = 1_000

    async def compare(self, connection: Connection) -> tuple[Derived, Derived]:
        """What is stored, and what the facts give. An alias counts as a person without facts: it must hold nothing."""
        stored, rebuilt = Derived(), Derived()
        last = UUID(int=0)
        while people := await sql.people_after(connection, last, self.page):
            last = people[-1]["person_id"]
            living = {row["person_id"]: row["state"] for row in people if row["merged_into"] is None}
            ids = [row["person_id"] for row in people]
            stored.person.add(
                [(person.bytes, self.vault.open_state(person, state)) for person, state in living.items()]
            )
            stored.residency.add([tuple(row) for row in await sql.residencies(connection, ids)])
            stored.identifier_index.add([tuple(row) for row in await sql.numbers(connection, ids)])
            known = await self.known(connection, ids)
            states = await self.states(connection, known)
            blinding = Blinding(self.vault.ring)
            rebuilt.block.add((key, person) for person, state in states.items() for key in blinding.of(state))
            rebuilt.person.add([(person.bytes, state) for person, state in states.items()])
            rebuilt.residency.add(row for person, state in states.items() for row in sql.residencies_of(person, state))
            rebuilt.identifier_index.add(
                [row for person, said in known.said.items() for row in self.numbers(person, said)]
            )
        at: blocks.Row = (b"", UUID(int=0))
        while held := await blocks.after(connection, at, self.page):
            at = held[-1]
            stored.block.add(held)
        return stored, rebuilt

    async def known(self, connection: Connection, people: Sequence[UUID]) -> Known:
        """The facts of people, and which of them count no more."""
        rows = await sql.facts(connection, people)
        said: dict[UUID, list[Fact]] = {}
        lineages: dict[UUID, list[UUID]] = {}
        for row in rows:
            fact = self.vault.open_fact(row["receipt"], row["role"], row["body"])
            said.setdefault(row["person_id"], []).append(fact)
            lineages.setdefault(row["person_id"], []).append(row["lineage"])
        return Known(said, lineages, dead(await sql.superseding(connection, {row["lineage"] for row in rows})))

    async def states(self, connection: Connection, known: Known) -> dict[UUID, PersonState]:
        """Everyone's state, folded from nothing; of an entry in a household register alone, as an import makes it."""
        gone = known.dead
        entered = {person: state_of(fact) for person, said in known.said.items() if (fact := alone(said, gone))}
        said = {person: facts for person, facts in known.said.items() if person not in entered}
        deaths = await deaths_of(connection, self.vault, said, gone)
        return entered | fold_couples(said, gone, self.authorities, *deaths)

    def numbers(self, person: UUID, facts: list[Fact]) -> list[tuple[object, ...]]:
        """The identifiers by which a person is found."""
        named = {number for fact in facts for number in fact.body.identifiers}
        return [
            (person, blind_index(self.vault.ring, IDENTITY, number.type, number.issuer, number.value), number.type)
            for number in named
        ]
