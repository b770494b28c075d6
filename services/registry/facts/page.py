"""One page of vital events on its way: links decided, facts gathered, nothing written yet. Pure but for its inputs."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from services.registry.facts.lineage import EventHeader, dead, header_of
from services.registry.facts.reported import Number, Reported
from services.registry.facts.state import PersonState
from services.registry.facts.values import (
    CORRECTION,
    CORRECTIONS,
    RESIDENT_NUMBER,
    EventKey,
    Fact,
    Mention,
    NamedNumber,
)
from services.registry.identity.components import components
from services.registry.identity.decisions import Decisions
from services.registry.identity.unclear import described, unclear

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


@dataclass(frozen=True)
class Split:
    """Records that leave a person for another id: a new one, or the former name that they had (`restored`)."""

    person: UUID
    into: UUID
    mentions: frozenset[Mention]
    restored: bool = False


@dataclass
class Page:
    """The working state of one page. `people` holds what was locked: states as stored, None for the new ones.
    `repeated` are known events under a new receipt, with whom they mention: an exchange that was restored from a backup
    took them once more. Whom they mention is told again, so that it opens the cases that it lost. `corrections` are new
    events that supersede, with their lineage, where that was applied before this page (`known_lineages`). `called`: the
    departments that ever had a case by call on somebody. `permitted`: which department may supersede which event of
    another's. `decisions`: what was decided about the records of the page;
    once `certain`, about everyone's in it. Until then nobody is joined to anybody and no clerk is asked: what needs
    either is `unsure`. `doubts`: why an event is held, by role; `parting`: events that are held because somebody would
    fall apart."""

    states: dict[UUID, PersonState | None]
    holders: dict[bytes, set[UUID]]
    facts: dict[UUID, list[Fact]]
    lineage_people: dict[UUID, set[UUID]]
    known: dict[EventKey, KnownEvent]
    headers: list[EventHeader]
    fresh_ids: list[UUID]
    merged: dict[UUID, UUID] = field(default_factory=dict)
    splits: list[Split] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    applied: list[tuple[Reported, UUID, dict[str, UUID]]] = field(default_factory=list)
    waiting: dict[EventKey, list[Reported]] = field(default_factory=lambda: defaultdict(list))
    repeated: list[tuple[Reported, dict[str, UUID]]] = field(default_factory=list)
    held: list[tuple[Reported, str]] = field(default_factory=list)
    known_lineages: set[UUID] = field(default_factory=set)
    permitted: set[tuple[EventKey, str]] = field(default_factory=set)
    called: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    corrections: list[tuple[Reported, UUID]] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
    survivors: set[UUID] = field(default_factory=set)
    gone: AbstractSet[EventKey] = frozenset()
    gone_of: int = 0
    decisions: Decisions = field(default_factory=Decisions)
    certain: bool = False
    unsure: list[Reported] = field(default_factory=list)
    doubts: dict[UUID, dict[str, str]] = field(default_factory=dict)
    parting: set[UUID] = field(default_factory=set)

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

    def settle(self) -> None:
        """Look again at what was unsure, now that everything decided is known: as long as one event, applied, makes
        another one clear. What is not clear then is held."""
        self.certain = True
        left = -1
        while self.unsure and len(self.unsure) != left:
            again, self.unsure = self.unsure, []
            left = len(again)
            self.take_all(again)

    def close(self) -> None:
        """Hold what was not applied."""
        self.held += [(event, AMBIGUOUS) for event in self.unsure]
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
        candidates = self.meant(reported, gone)
        doubts = unclear(self, reported, candidates, gone) if reported.key not in gone else {}
        parted = self.parts(reported, lineage, candidates, gone)
        joined = [
            found for found in candidates.values() if sum(self.states.get(each) is not None for each in found) > 1
        ]
        if doubts or parted or (joined and not self.certain):
            self.unsure.append(reported)
            self.doubts[reported.receipt] = doubts
            if parted:
                self.parting.add(reported.receipt)
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
        elif target.type != reported.fact.type or not (
            target.department == reported.department or (reported.supersedes, reported.department) in self.permitted
        ):
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

    def meant(self, reported: Reported, gone: AbstractSet[EventKey]) -> dict[str, set[UUID]]:
        """Whom it means, by role: nobody known yet, one person, or several who are one, unless that is unclear."""
        candidates = {
            role: self.candidates(fact, reported.numbers[role], gone) for role, fact in reported.facts.items()
        }
        self.find_again(reported, candidates, gone)
        if reported.key in gone:
            # An annulment, or a correction that a later one has overtaken: it says nothing, so it links nobody anew.
            return {
                role: self.superseded(reported, role) or set(sorted(found)[:1]) for role, found in candidates.items()
            }
        return candidates

    def holding(self, numbers: Iterable[Number], gone: AbstractSet[EventKey]) -> set[UUID]:
        """Everyone to whom a living fact gives one of these identifiers, whoever else has it."""
        return {
            person
            for number in numbers
            for person in {self.root(holder) for holder in self.holders.get(number.index, ())}
            if any(number.named in each.body.identifiers and each.event not in gone for each in self.facts[person])
        }

    def candidates(self, fact: Fact, numbers: Iterable[Number], gone: AbstractSet[EventKey]) -> set[UUID]:
        """Everyone to whom a living fact gives one of these identifiers: one that was corrected away joins nobody, one
        that was found to be two people's only those who are described alike. What was decided goes before that."""
        found = {
            person
            for number in numbers
            for person in {self.root(holder) for holder in self.holders.get(number.index, ())}
            if any(
                number.named in each.body.identifiers
                and each.event not in gone
                and (number.index not in self.decisions.contested or not described(fact).isdisjoint(described(each)))
                for each in self.facts[person]
            )
        }
        if self.decisions.named(fact.mention):
            said = self.decisions.said(fact.mention)
            of: dict[bool, set[UUID]] = {True: set(), False: set()}
            for person, facts in self.facts.items():
                for each in facts:
                    if each.event not in gone and each.mention in said:
                        of[said[each.mention]].add(person)
            found = (found - of[False]) | of[True]
        return found

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
                    if person not in taken and all(fact.event in gone for fact in reported_of(self.facts[person]))
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
    ) -> dict[UUID, list[set[Mention]]]:
        """Who would fall apart, and into which records: those that the superseded event alone held together. A clerk
        must look."""
        found: dict[UUID, list[set[Mention]]] = {}
        for person in {self.root(person) for person in self.lineage_people[lineage]} if reported.supersedes else ():
            said = [*self.facts[person], *(fact for role, fact in reported.facts.items() if person in candidates[role])]
            pieces = self.pieces([fact for fact in said if fact.event not in gone])
            if len(pieces) > 1:
                found[person] = pieces
        return found

    def pieces(self, facts: Iterable[Fact]) -> list[set[Mention]]:
        """Records that hold together by an identifier, by a decision, or by a correction of the identity number."""
        tokens: dict[Mention, set[Hashable]] = {fact.mention: set(numbers_in(fact)) for fact in facts}
        tokens = {mention: held for mention, held in tokens.items() if held or mention[0] != CORRECTIONS}
        if self.decisions:
            for mention, held in tokens.items():
                held |= {frozenset((mention, other)) for other in self.decisions.together(mention)}
        found: dict[Mention, set[Mention]] = defaultdict(set)
        for mention, first in components(tokens).items():
            found[first].add(mention)
        return [found[first] for first in sorted(found)]

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

    def correct(self, reported: Reported, person: UUID) -> None:
        """Apply a correction that an authority approved, or took back, of this very person, whatever numbers it has."""
        lineage = self.known[reported.supersedes].lineage if reported.supersedes else reported.receipt
        for role in reported.facts:
            self.link(reported, role, person, lineage)
        self.known[reported.key] = KnownEvent(reported.receipt, reported.fact.type, reported.department, lineage)
        if reported.supersedes is not None:
            self.headers.append(header_of(reported.fact))
        self.corrections.append((reported, lineage))
        self.applied.append((reported, lineage, dict.fromkeys(reported.facts, person)))

    def join(self, people: Iterable[UUID]) -> None:
        """Make people one, as was decided."""
        self.touched.add(self.person_for({self.root(person) for person in people}))

    def part(self, split: Split) -> None:
        """Let records go from one person to another id, as was decided."""
        facts = self.facts[split.person]
        self.facts[split.person] = [fact for fact in facts if fact.mention not in split.mentions]
        self.facts[split.into] += [fact for fact in facts if fact.mention in split.mentions]
        self.states.setdefault(split.into, None)
        for people in [*self.lineage_people.values(), *self.holders.values()]:
            if split.person in people:
                people.add(split.into)
        self.touched |= {split.person, split.into}
        self.splits.append(split)

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


def reported_of(facts: Iterable[Fact]) -> list[Fact]:
    """What departments reported of a person: without the corrections that were approved here."""
    return [fact for fact in facts if fact.type != CORRECTION]


def numbers_in(fact: Fact) -> Iterable[NamedNumber]:
    """The identifiers of a record. A correction of the identity number holds the new one and the old one together."""
    yield from fact.body.identifiers
    approved = fact.body.approved
    if approved is not None and fact.body.identifiers and approved.number_before:
        yield NamedNumber(RESIDENT_NUMBER, approved.number_before)


def empty_page(fresh_ids: list[UUID]) -> Page:
    """A page that knows nobody yet."""
    return Page({}, {}, defaultdict(list), defaultdict(set), {}, [], fresh_ids)
