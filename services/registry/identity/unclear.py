"""Why a machine may not say who is meant by a source record. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import combinations
from typing import Protocol
from uuid import UUID

from services.registry.facts.reported import Reported
from services.registry.facts.values import CORRECTION, RESIDENT_NUMBER, EventKey, Fact
from services.registry.identity.components import SourceRecord, ambiguity
from services.registry.identity.decisions import Decisions
from shared.identifiers.names import plain

TWO_ROLES, APART, CONTESTED = "two-roles", "decided-apart", "contested-number"
"""Two roles of one event would be one person; records that were decided to be two people's would be one person's; an
identifier that is known to be two people's, beside a description that is neither's."""


class Known(Protocol):
    """What is known of the people in question."""

    facts: dict[UUID, list[Fact]]
    decisions: Decisions


def unclear(
    known: Known, reported: Reported, candidates: Mapping[str, set[UUID]], gone: AbstractSet[EventKey]
) -> dict[str, str]:
    """The roles of an event of which a clerk must say who is meant, each with the reason; empty where all is clear."""
    found: dict[str, str] = {}
    for role, people in candidates.items():
        everything = [fact for person in people for fact in known.facts[person]]
        facts = [fact for fact in everything if fact.event not in gone]
        # A correction of their own record is theirs, though nothing that counts is described like it.
        replaced = [fact for fact in everything if fact.event == reported.supersedes and fact.role == role]
        if reason := doubt(known.decisions, reported, role, facts, replaced, several=len(people) > 1):
            found[role] = reason
    for one, other in combinations(candidates, 2):
        same = candidates[one] & candidates[other]
        numbers = {number.index for number in reported.numbers[one]} & {n.index for n in reported.numbers[other]}
        apart = known.decisions.said(reported.facts[one].mention).get(reported.facts[other].mention) is False
        if same or (numbers and not apart):
            found |= dict.fromkeys((one, other), TWO_ROLES)
    return found


def doubt(
    decisions: Decisions, reported: Reported, role: str, facts: list[Fact], replaced: list[Fact], *, several: bool
) -> str | None:
    """Why it is unclear that the record in that role is of the person (or the several people) of these facts, or of
    those that it takes the place of."""
    fact = reported.facts[role]
    mentions = [each.mention for each in facts]
    if decisions.part([fact.mention], mentions) or (several and decisions.part(mentions, mentions)):
        return APART
    if not decisions.named(fact.mention):
        contested = {n.named for n in reported.numbers[role] if n.index in decisions.contested}
        if contested and not any(contested.intersection(each.body.identifiers) for each in [*facts, *replaced]):
            return CONTESTED
    records = [*(each for each in facts if each.type != CORRECTION), fact]
    approved = approved_of(facts, records)
    return ambiguity([*map(record_of, records), *approved], decided_together(decisions, records))


def approved_of(facts: Iterable[Fact], records: Iterable[Fact]) -> list[SourceRecord]:
    """Approved corrections: the numbers and descriptions before and after are one person's, as after a change by
    law."""
    corrections = [fact for fact in facts if fact.body.approved is not None]
    if not corrections:
        return []
    living = sorted(number for each in records for number in record_of(each).numbers if isinstance(number, str))
    found = []
    for fact in corrections:
        approved = fact.body.approved
        if approved is not None:
            given = {number.value for number in fact.body.identifiers} | {approved.number_before}
            numbers = given - {None} if fact.body.identifiers else living[:1]
            before = (approved.name_before, approved.birth_date_before)
            found.append(SourceRecord(frozenset(numbers), fact.body.name, fact.body.birth_date, before))
    return found


def decided_together(decisions: Decisions, facts: Iterable[Fact]) -> list[list[SourceRecord]]:
    """Records that were decided to be one person's; one that was decided upon at all is right as it stands."""
    by_mention = {fact.mention: fact for fact in facts} if decisions else {}
    return [
        [record_of(by_mention[each]) for each in (mention, *decisions.together(mention)) if each in by_mention]
        for mention in by_mention
        if decisions.named(mention)
    ]


def record_of(fact: Fact) -> SourceRecord:
    """What ambiguity is judged by."""
    numbers = frozenset(n.value for n in fact.body.identifiers if n.type == RESIDENT_NUMBER)
    became = fact.body.became
    before = (became.name_before, became.birth_date_before) if became else None
    return SourceRecord(numbers, fact.body.name, fact.body.birth_date, before)


def described(fact: Fact) -> set[tuple[str, date]]:
    """Name and birth date as they are compared; of a change by law those before it, too. An unnamed one is nobody's."""
    body, became = fact.body, fact.body.became
    said = {(plain(body.name), body.birth_date)}
    if became:
        said.add((plain(became.name_before), became.birth_date_before))
    return {(name, born) for name, born in said if name}
