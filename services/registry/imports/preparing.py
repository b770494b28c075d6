"""What the fold would store of people of whom nothing is known but one entry, made without asking the database."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.registry.areas.moved import Moved
from services.registry.blocks.handlers import StoreBlocks
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.rules import own
from services.registry.contradictions.values import Contradiction
from services.registry.facts.derived import Derive, Folded
from services.registry.facts.fold import fold
from services.registry.facts.handlers import Folding
from services.registry.facts.reported import IDENTITY, Number, Reported
from services.registry.facts.repository import residencies_of
from services.registry.facts.sayings import event_itself, facts_about
from services.registry.facts.state import PersonState
from services.registry.households.naming import note_named
from services.registry.imports.repository import Tables
from services.registry.imports.rules import DEPARTMENT, Entry
from services.registry.matching.queueing import Queueing
from services.registry.moves.keeping import HalfMoves
from services.registry.statistics.counting import Cell, Cells
from services.registry.statistics.deltas import Counting, rows_of
from shared.crypto.blind import blind_index
from shared.crypto.keyring import KeyRing
from shared.db import Connection

ROLE = "person"


@dataclass(frozen=True)
class NewPerson:
    """Somebody of whom nothing else is known: the entry, and what is stored of it."""

    reported: Reported
    person: UUID
    state: PersonState
    event: tuple[object, ...]
    sealed_fact: bytes
    sealed_state: bytes
    blocks: frozenset[bytes]
    cells: Cells
    counted: bytes | None
    contradictions: frozenset[Contradiction]

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The person's identifiers."""
        return self.reported.numbers[ROLE]


class Preparing:
    """Makes rows of entries. What a feature derives that is not known here is asked of the feature itself."""

    def __init__(self, folding: Folding) -> None:
        self.vault, self.authorities = folding.vault, folding.authorities
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
                case _ if derive is note_named:
                    self.naming = True
                case _:
                    self.others.append(derive)

    @property
    def ring(self) -> KeyRing:
        """The service's keys."""
        return self.vault.ring

    def reported(self, entry: Entry) -> Reported:
        """The entry as the fold takes events: as `facts.reported.read` gives it, without reading it once more."""
        judged = entry.judged
        fact = event_itself(judged.entry.type, judged.envelope, judged.data, recorded_at=None, department=DEPARTMENT)
        facts = facts_about(fact, judged.entry, judged.data)
        numbers = {
            role: tuple(
                Number(blind_index(self.ring, IDENTITY, n.type, n.issuer, n.value), n) for n in said.body.identifiers
            )
            for role, said in facts.items()
        }
        return Reported(entry.receipt, DEPARTMENT, fact, facts, numbers, entry.body)

    async def moved(self, connection: Connection) -> Moved | None:
        """What codes of areas have become: the same object while the list and the day are the same."""
        return await self.counting.moved(connection) if self.counting else None

    def new(self, reported: Reported, person: UUID, moved: Moved | None) -> NewPerson:
        """Everything that is stored of somebody of whom nothing else is known. `moved`: the areas in which they
        count."""
        fact, receipt = reported.facts[ROLE], reported.receipt
        state = fold([fact], frozenset(), self.authorities)
        cells: Cells = self.counting.of(state, [fact], frozenset(), moved) if self.counting else Counter()
        return NewPerson(
            reported=reported,
            person=person,
            state=state,
            event=(
                receipt,
                *reported.key,
                fact.type,
                DEPARTMENT,
                fact.action,
                fact.effective_on,
                fact.time,
                receipt,
            ),
            sealed_fact=self.vault.seal_fact(receipt, ROLE, fact),
            sealed_state=self.vault.seal_state(person, state),
            blocks=frozenset(self.blocks.blinding.of(state)) if self.blocks else frozenset(),
            cells=cells,
            counted=self.counting.sealed(person, cells) if self.counting and cells else None,
            contradictions=frozenset(own([fact], frozenset(), state)) if self.keeping else frozenset(),
        )

    def tables(self, people: Sequence[NewPerson], at: datetime) -> Tables:
        """The rows of everyone."""
        difference: Counter[Cell] = Counter()
        for each in people:
            difference.update(each.cells)
        return Tables(
            events=[(*each.event, at) for each in people],
            people=[(each.person, each.sealed_state, at) for each in people],
            facts=[(each.person, each.reported.receipt, ROLE, each.sealed_fact) for each in people],
            indexes=sorted({(n.index, each.person, n.named.type) for each in people for n in each.numbers}),
            residencies=[
                (r.person_id, r.since, r.until, r.household_number, r.household_kind, r.relation, r.area)
                for each in people
                for r in residencies_of(each.person, each.state)
            ],
            blocks=sorted((key, each.person) for each in people for key in each.blocks),
            named=[(household, each.person) for each in people if (household := self.household(each)) is not None],
            counted=[(each.person, each.counted) for each in people if each.counted is not None],
            deltas=rows_of(difference),
            to_compare=[(each.person, at) for each in people] if self.queueing else [],
        )

    def household(self, person: NewPerson) -> str | None:
        """The number under which the person is named in a household."""
        entry = person.reported.facts[ROLE].body.household
        return entry.number if self.naming and entry is not None else None


def folded_of(people: Iterable[NewPerson], at: datetime) -> Folded:
    """New people as a page of the fold gives them to those who derive from them."""
    everyone = list(people)
    return Folded(
        before={each.person: None for each in everyone},
        after={each.person: each.state for each in everyone},
        merged={},
        facts={each.person: [each.reported.facts[ROLE]] for each in everyone},
        dead=frozenset(),
        people={each.reported.facts[ROLE].mention: each.person for each in everyone},
        recorded_at=at,
    )
