"""What the fold would store of people of whom nothing is known but one entry, made without asking the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.registry.areas.moved import Moved
from services.registry.blocks.handlers import StoreBlocks
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.rules import own
from services.registry.contradictions.values import Contradiction
from services.registry.facts.derived import Derive, Folded
from services.registry.facts.handlers import Folding
from services.registry.facts.reported import Number, Reported, number_of
from services.registry.facts.sayings import event_itself
from services.registry.facts.state import PersonState
from services.registry.facts.stored import KEY, of_fact, of_state
from services.registry.facts.values import EventKey, Fact, encode
from services.registry.households.naming import note_named
from services.registry.imports.alone import ROLE, agrees, area_of, cells_of, fact_of, state_of
from services.registry.imports.repository import Tables
from services.registry.imports.rules import DEPARTMENT, Entry
from services.registry.matching.queueing import Queueing
from services.registry.moves.keeping import HalfMoves
from services.registry.protection.keeping import follow_merges
from services.registry.statistics.counting import Cell
from services.registry.statistics.deltas import Counting, rows_of
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import sealer
from shared.db import Connection


class Draft(NamedTuple):
    """An entry with what it says, before it is known who is meant."""

    entry: Entry
    receipt: UUID
    key: EventKey
    fact: Fact
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class NewPeople:
    """People of whom nothing else is known, and the rows of everyone. `people`: who each draft is; `tables`: all that
    is stored, but for the instant at which it is recorded."""

    drafts: Sequence[Draft]
    people: Sequence[UUID]
    states: Sequence[PersonState]
    tables: Tables
    contradictions: dict[UUID, set[Contradiction]]

    def folded(self, at: datetime) -> Folded:
        """As a page of the fold gives them to those who derive from them."""
        return Folded(
            before=dict.fromkeys(self.people),
            after=dict(zip(self.people, self.states, strict=True)),
            merged={},
            facts={person: [draft.fact] for draft, person in zip(self.drafts, self.people, strict=True)},
            dead=frozenset(),
            people={draft.fact.mention: person for draft, person in zip(self.drafts, self.people, strict=True)},
            recorded_at=at,
        )


class Preparing:
    """Makes rows of entries. What a feature derives that is not known here is asked of the feature itself."""

    def __init__(self, folding: Folding) -> None:
        self.vault = folding.vault
        self.blocks: StoreBlocks | None = None
        self.counting: Counting | None = None
        self.keeping: Keeping | None = None
        self.queueing = self.naming = False
        self.others: list[Derive] = []
        for derive in folding.derive:
            match getattr(derive, "__self__", derive):
                case StoreBlocks() as found:
                    self.blocks = found
                case Counting() as found:
                    self.counting = found
                case Keeping() as found:
                    self.keeping = found
                case Queueing():
                    self.queueing = True
                case HalfMoves():
                    pass  # an entry in a household register is half of no move
                case _ if derive is follow_merges:
                    pass  # nobody is merged
                case _ if derive is note_named:
                    self.naming = True
                case _:
                    self.others.append(derive)

    @property
    def ring(self) -> KeyRing:
        """The service's keys."""
        return self.vault.ring

    def draft(self, entry: Entry) -> Draft:
        """An entry, read."""
        fact, ring = fact_of(entry), self.ring
        numbers = tuple([number_of(ring, named) for named in fact.body.identifiers])
        return Draft(entry, entry.receipt, fact.event, fact, numbers)

    def reported(self, draft: Draft) -> Reported:
        """The entry as the fold takes events: as `facts.reported.read` gives it, without reading it once more."""
        judged = draft.entry.judged
        event = event_itself(judged.entry.type, judged.envelope, judged.data, recorded_at=None, department=DEPARTMENT)
        return Reported(draft.receipt, DEPARTMENT, event, {ROLE: draft.fact}, {ROLE: draft.numbers}, draft.entry.body)

    async def moved(self, connection: Connection) -> Moved | None:
        """What codes of areas have become: the same object while the list and the day are the same."""
        return await self.counting.moved(connection) if self.counting else None

    def new(self, drafts: Sequence[Draft], people: Sequence[UUID], moved: Moved | None) -> NewPeople:
        """Everything that is stored of people of whom nothing else is known. `moved`: the areas in which they count."""
        states = [state_of(draft.fact) for draft in drafts]
        everyone = list(zip(drafts, people, states, strict=True))
        seal = sealer(self.ring, KEY, 2 * len(everyone))
        events, facts, residencies, named = [], [], [], []
        for draft, person, _ in everyone:
            fact, receipt = draft.fact, draft.receipt
            body, source, id_ = fact.body, fact.event_source, fact.event_id
            events.append(
                (receipt, source, id_, fact.type, DEPARTMENT, fact.action, fact.effective_on, fact.time, receipt)
            )
            facts.append((person, receipt, ROLE, seal(encode(fact), of_fact(receipt, ROLE))))
            if (home := body.household) is not None:
                residencies.append((person, fact.effective_on, None, home.number, home.kind, home.relation, home.area))
                named.append((home.number, person))
        counted, deltas = self.count(everyone, moved)
        tables = Tables(
            events=events,
            people=[(person, seal(encode(state), of_state(person))) for _, person, state in everyone],
            facts=facts,
            indexes=sorted(
                {(number.index, person, number.named.type) for draft, person, _ in everyone for number in draft.numbers}
            ),
            residencies=residencies,
            blocks=sorted([(key, person) for _, person, state in everyone for key in self.blocks_of(state)]),
            named=named if self.naming else [],
            counted=counted,
            deltas=deltas,
            to_compare=[(person,) for person in people] if self.queueing else [],
        )
        return NewPeople(drafts, people, states, tables, self.contradicted(everyone))

    def blocks_of(self, state: PersonState) -> set[bytes]:
        """The blocks in which somebody stands."""
        return self.blocks.blinding.of(state) if self.blocks else set()

    def count(
        self, everyone: Sequence[tuple[Draft, UUID, PersonState]], moved: Moved | None
    ) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        """What everyone counts for, sealed; and the sums of it all."""
        if self.counting is None:
            return [], []
        home, sums = frozenset(self.counting.home), Counter[Cell]()
        counted: list[tuple[object, ...]] = []
        sealed = self.counting.sealing(len(everyone))
        for draft, person, _ in everyone:
            if cells := cells_of(draft.fact, area_of(draft.fact, moved), home):
                counted.append((person, sealed(person, [(cell, 1) for cell in sorted(cells)])))
                sums.update(cells)
        return counted, list(rows_of(sums))

    def contradicted(self, everyone: Sequence[tuple[Draft, UUID, PersonState]]) -> dict[UUID, set[Contradiction]]:
        """Whose entry contradicts itself."""
        if self.keeping is None:
            return {}
        found = {
            person: own([draft.fact], frozenset(), state) for draft, person, state in everyone if not agrees(draft.fact)
        }
        return {person: each for person, each in found.items() if each}
