"""One page of vital events on its way: links decided, facts gathered, nothing written yet. Pure but for its inputs."""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from services.registry.facts.lineage import EventHeader, dead, header_of
from services.registry.facts.reported import Number, Reported
from services.registry.facts.state import PersonState
from services.registry.facts.values import RESIDENT_NUMBER, EventKey, Fact
from services.registry.identity.components import SourceRecord, ambiguity, components

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
    """The working state of one page. `people` holds what was locked: states as stored, None for the new ones.
    `repeated` are known events under a new receipt, with whom they mention: an exchange that was restored from a backup
    took them once more. Whom they mention is told again, so that it opens the cases that it lost. `corrections` are new
    events that supersede, with their lineage, where that was applied before this page (`known_lineages`). `called`: the
    departments that ever had a case by call on somebody."""

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
    repeated: list[tuple[Reported, dict[str, UUID]]] = field(default_factory=list)
    held: list[tuple[Reported, str]] = field(default_factory=list)
    known_lineages: set[UUID] = field(default_factory=set)
    called: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    corrections: list[tuple[Reported, UUID]] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
    gone: AbstractSet[EventKey] = frozenset()
    gone_of: int = 0

    def root(self, person: UUID) -> UUID:
        """The person that goes on after the merges of this page."""
        while person in self.merged:
            person = self.merged[person]
        return person

    def take_all(self, events: Iterable[Reported]) -> None:
        """Apply events in order; one whose superseded event comes later in the page is applied right after it."""
        for event in events:
            ready = [event]
            while ready:
                taken = ready.pop()
                if self.take(taken):
                    ready += self.waiting.pop(taken.key, [])[::-1]
        self.held += [(event, NOT_ARRIVED) for waiting in self.waiting.values() for event in waiting]

    def take(self, reported: Reported) -> bool:
        """Apply one event, or hold it whole; whether it was applied. A known one is passed by, never applied twice."""
        if reported.key in self.known:
            if self.known[reported.key].receipt != reported.receipt:
                people = self.mentioned_by(reported)
                self.repeated.append((reported, people))
                self.touched |= set(people.values())
            return False
        lineage = self.lineage_of(reported)
        if lineage is None:
            return False
        gone = self.gone_with(reported)
        candidates = {role: self.candidates(numbers, gone) for role, numbers in reported.numbers.items()}
        self.find_again(reported, candidates, gone)
        if reported.key in gone:
            # An annulment, or a correction that a later one has overtaken: it says nothing, so it links nobody anew.
            candidates = {
                role: self.superseded(reported, role) or set(sorted(found)[:1]) for role, found in candidates.items()
            }
        if self.ambiguous(reported, candidates, gone) or self.parts(reported, lineage, candidates, gone):
            self.held.append((reported, AMBIGUOUS))
            return False
        people = {role: self.person_for(found) for role, found in candidates.items()}
        for role, person in people.items():
            self.link(reported, role, person, lineage)
        self.known[reported.key] = KnownEvent(reported.receipt, reported.fact.type, reported.department, lineage)
        if reported.supersedes is not None:
            self.headers.append(header_of(reported.fact))
            self.touched |= {self.root(person) for person in self.lineage_people[lineage]}
            if lineage in self.known_lineages:
                self.corrections.append((reported, lineage))
        self.applied.append((reported, lineage, people))
        return True

    def mentioned_by(self, reported: Reported) -> dict[str, UUID]:
        """Whom an event that is known already was linked to, by role."""
        numbers = [number for named in reported.numbers.values() for number in named]
        holders = {self.root(holder) for number in numbers for holder in self.holders.get(number.index, ())}
        return {fact.role: person for person in holders for fact in self.facts[person] if fact.event == reported.key}

    def lineage_of(self, reported: Reported) -> UUID | None:
        """The line of corrections it belongs to; None where it waits for what it supersedes, or is held."""
        if reported.supersedes is None:
            return reported.receipt
        target = self.known.get(reported.supersedes)
        if target is None:
            self.waiting[reported.supersedes].append(reported)
        elif (target.type, target.department) != (reported.fact.type, reported.department):
            self.held.append((reported, MISMATCH))
        else:
            return target.lineage
        return None

    def gone_with(self, reported: Reported) -> AbstractSet[EventKey]:
        """The events that do not count once this one is applied."""
        if reported.supersedes is not None:
            return dead([*self.headers, header_of(reported.fact)])
        if self.gone_of != len(self.headers):
            self.gone, self.gone_of = dead(self.headers), len(self.headers)
        return self.gone

    def candidates(self, numbers: Iterable[Number], gone: AbstractSet[EventKey]) -> set[UUID]:
        """Everyone to whom a living fact gives one of these identifiers: one that was corrected away joins nobody."""
        return {
            person
            for number in numbers
            for person in {self.root(holder) for holder in self.holders.get(number.index, ())}
            if any(number.named in fact.body.identifiers and fact.event not in gone for fact in self.facts[person])
        }

    def find_again(self, reported: Reported, candidates: dict[str, set[UUID]], gone: AbstractSet[EventKey]) -> None:
        """Give roles for which nobody was found somebody of whom nothing counts any more, so that references go on:
        by an old number of theirs, or whom this very correction leaves without any fact. Each serves one role only."""
        taken = {person for found in candidates.values() for person in found}
        for role, numbers in reported.numbers.items():
            if not candidates[role]:
                held = {self.root(person) for number in numbers for person in self.holders.get(number.index, ())}
                empty = (
                    person
                    for person in sorted(held) + sorted(self.superseded(reported, role))
                    if person not in taken and all(fact.event in gone for fact in self.facts[person])
                )
                candidates[role] = set(islice(empty, 1))
                taken |= candidates[role]

    def superseded(self, reported: Reported, role: str) -> set[UUID]:
        """Whom the superseded event means in that role."""
        lineage = self.known[reported.supersedes].lineage if reported.supersedes else None
        return {
            person
            for person in (map(self.root, self.lineage_people[lineage]) if lineage else ())
            if any(fact.event == reported.supersedes and fact.role == role for fact in self.facts[person])
        }

    def parts(
        self, reported: Reported, lineage: UUID, candidates: dict[str, set[UUID]], gone: AbstractSet[EventKey]
    ) -> bool:
        """Whether somebody would fall apart: what was linked by the superseded event alone. A clerk must look."""
        if reported.supersedes is None:
            return False
        for person in {self.root(person) for person in self.lineage_people[lineage]}:
            said = [*self.facts[person], *(fact for role, fact in reported.facts.items() if person in candidates[role])]
            said = [fact for fact in said if fact.event not in gone]
            if len(set(components({fact.mention: frozenset(fact.body.identifiers) for fact in said}).values())) > 1:
                return True
        return False

    def ambiguous(self, reported: Reported, candidates: dict[str, set[UUID]], gone: AbstractSet[EventKey]) -> bool:
        """Whether a clerk must look: two resident numbers in one person that no law made one, one number with another
        name and birth date, or two roles of one event in one person."""
        if reported.key in gone:
            return False
        found = [person for people in candidates.values() for person in people]
        named = [number.index for numbers in reported.numbers.values() for number in numbers]
        if len(found) != len(set(found)) or len(named) != len(set(named)):
            return True
        return any(
            ambiguity(
                record_of(fact)
                for fact in [*(fact for person in people for fact in self.facts[person]), reported.facts[role]]
                if fact.event not in gone
            )
            for role, people in candidates.items()
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
            self.called[winner] |= self.called.pop(loser, set())
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
    became = fact.body.became
    before = (became.name_before, became.birth_date_before) if became else None
    return SourceRecord(numbers, fact.body.name, fact.body.birth_date, before)


def empty_page(fresh_ids: list[UUID]) -> Page:
    """A page that knows nobody yet."""
    return Page({}, {}, defaultdict(list), defaultdict(set), {}, [], fresh_ids)
