"""One page of vital events on its way: links decided, facts gathered, nothing written yet. Pure but for its inputs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.registry.facts.lineage import EventHeader, dead, header_of
from services.registry.facts.reported import Number, Reported
from services.registry.facts.state import PersonState
from services.registry.facts.values import RESIDENT_NUMBER, EventKey, Fact
from services.registry.identity.components import SourceRecord, ambiguity

NOT_ARRIVED, MISMATCH, AMBIGUOUS = "superseded-not-arrived", "supersedes-another-kind", "identity-ambiguous"
DECIDERS = {NOT_ARRIVED: "reporting department", MISMATCH: "registry clerk", AMBIGUOUS: "registry clerk"}


@dataclass(frozen=True)
class KnownEvent:
    """An applied event: what a superseding one is checked against."""

    receipt: UUID
    type: str
    department: str
    lineage: UUID


@dataclass(frozen=True)
class Link:
    """A new fact and the person it was linked to."""

    person: UUID
    receipt: UUID
    role: str
    fact: Fact
    numbers: tuple[Number, ...]


@dataclass
class Page:
    """The working state of one page. `people` holds what was locked: states as stored, None for the new ones."""

    states: dict[UUID, PersonState | None]
    holders: dict[bytes, set[UUID]]
    facts: dict[UUID, list[Fact]]
    lineage_people: dict[UUID, set[UUID]]
    known: dict[EventKey, KnownEvent]
    headers: list[EventHeader]
    fresh_ids: list[UUID]
    merged: dict[UUID, UUID] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    applied: list[tuple[Reported, UUID, dict[str, UUID]]] = field(default_factory=list)
    waiting: dict[EventKey, list[Reported]] = field(default_factory=lambda: defaultdict(list))
    held: list[tuple[Reported, str]] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)

    def root(self, person: UUID) -> UUID:
        """The person that goes on after the merges of this page."""
        while person in self.merged:
            person = self.merged[person]
        return person

    def take_all(self, events: Iterable[Reported]) -> None:
        """Apply events in order; one whose superseded event comes later in the page is applied right after it."""
        for event in events:
            self.take(event)
        self.held += [(event, NOT_ARRIVED) for waiting in self.waiting.values() for event in waiting]

    def take(self, reported: Reported) -> None:
        """Apply one event, or hold it whole. A known one is passed: nothing is applied twice."""
        if reported.key in self.known:
            return
        lineage = reported.receipt
        if reported.supersedes is not None:
            target = self.known.get(reported.supersedes)
            if target is None:
                self.waiting[reported.supersedes].append(reported)
                return
            if (target.type, target.department) != (reported.fact.type, reported.department):
                self.held.append((reported, MISMATCH))
                return
            lineage = target.lineage
        gone = dead([*self.headers, header_of(reported.fact)])
        candidates = {
            role: self.candidates(numbers, gone, self.lineage_people.get(lineage, set()))
            for role, numbers in reported.numbers.items()
        }
        if self.ambiguous(reported, candidates, gone):
            self.held.append((reported, AMBIGUOUS))
            return
        people = {role: self.person_for(found) for role, found in candidates.items()}
        for role, person in people.items():
            self.link(reported, role, person, lineage)
        self.known[reported.key] = KnownEvent(reported.receipt, reported.fact.type, reported.department, lineage)
        if reported.supersedes is not None:
            self.headers.append(header_of(reported.fact))
            self.touched |= {self.root(person) for person in self.lineage_people[lineage]}
        self.applied.append((reported, lineage, people))
        for waiting in self.waiting.pop(reported.key, []):
            self.take(waiting)

    def candidates(self, numbers: Iterable[Number], gone: set[EventKey], corrected: set[UUID]) -> set[UUID]:
        """Everyone to whom a living fact gives one of these identifiers, or who is being corrected.

        A number that was corrected away joins nobody; somebody of whom nothing counts any more is found again by it.
        """
        found, nameless = set(), set()
        for number in numbers:
            for person in map(self.root, self.holders.get(number.index, ())):
                living = [fact for fact in self.facts[person] if fact.event not in gone]
                if person in corrected or any(number.named in fact.body.identifiers for fact in living):
                    found.add(person)
                elif not living:
                    nameless.add(person)
        return found or nameless

    def ambiguous(self, reported: Reported, candidates: dict[str, set[UUID]], gone: set[EventKey]) -> bool:
        """Whether a clerk must look: two resident numbers in one person, one number with another name and birth date,
        or two roles of one event in one person."""
        found = [person for people in candidates.values() for person in people]
        if len(found) != len(set(found)):
            return True
        return any(
            ambiguity(
                record_of(fact)
                for fact in [*(fact for person in people for fact in self.facts[person]), reported.facts[role]]
                if fact.event not in gone
            )
            for role, people in candidates.items()
            if people
        )

    def person_for(self, found: set[UUID]) -> UUID:
        """The one person meant: a new one, the one there is, or the oldest of several that are now known to be one."""
        if not found:
            person = self.fresh_ids.pop(0)
            self.states[person] = None
            return person
        winner, *losers = sorted(found)
        for loser in losers:
            self.merged[loser] = winner
            self.facts[winner] += self.facts.pop(loser)
            for people in self.lineage_people.values():
                if loser in people:
                    people.add(winner)
            self.touched.discard(loser)
        return winner

    def link(self, reported: Reported, role: str, person: UUID, lineage: UUID) -> None:
        """Attach a fact and its identifiers to a person."""
        fact, numbers = reported.facts[role], reported.numbers[role]
        self.links.append(Link(person, reported.receipt, role, fact, numbers))
        self.facts[person].append(fact)
        self.lineage_people[lineage].add(person)
        self.touched.add(person)
        for number in numbers:
            self.holders.setdefault(number.index, set()).add(person)

    def dead(self) -> set[EventKey]:
        """Events that do not count any more."""
        return dead(self.headers)


def record_of(fact: Fact) -> SourceRecord:
    """What ambiguity is judged by."""
    numbers = frozenset(n.value for n in fact.body.identifiers if n.type == RESIDENT_NUMBER)
    return SourceRecord(numbers, fact.body.name, fact.body.birth_date)


def empty_page(fresh_ids: list[UUID]) -> Page:
    """A page that knows nobody yet."""
    return Page({}, {}, defaultdict(list), defaultdict(set), {}, [], fresh_ids)
