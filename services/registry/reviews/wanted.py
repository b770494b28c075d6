"""What a decision wants, in terms of records. Pure."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

from services.registry.facts.page import reported_of
from services.registry.facts.values import Mention
from services.registry.identity.decisions import LINK, MERGE, SEPARATE, SPLIT, UNDO
from services.registry.reviews.held import Held
from services.registry.reviews.pairs import Pair
from services.registry.reviews.problems import NOT_SAID, Refused
from services.registry.reviews.rules import (
    SPLIT_ASKED,
    about_of,
    all_one,
    choices,
    living,
    pieces_decided,
    with_superseded,
)


@dataclass(frozen=True)
class Wanted:
    """A decision as it was asked for. `to`: role of a held event → the person it means; `records`: record → the person
    it is to be of; `leaving`: the records, as a decision names them, that are somebody else's."""

    kind: str
    to: Mapping[str, UUID] = field(default_factory=dict)
    records: Mapping[Mention, UUID] = field(default_factory=dict)
    leaving: frozenset[str] = frozenset()


def wanted_of_held(held: Held, wanted: Wanted) -> list[tuple[str, dict[Mention, int]]]:
    """Kind and parts of each decision about a held event. Raises Refused where it does not answer the question.

    Where somebody would fall apart, `split` lets them and anything else does not; whose the records in question are is
    said besides.
    """
    if wanted.leaving or any(
        role not in held.doubts or person not in held.candidates[role] for role, person in wanted.to.items()
    ):
        raise Refused(NOT_SAID)
    made = pieces_decided(held.partings, stay=wanted.kind != SPLIT)
    match wanted.kind:
        case "merge" if held.doubts and not wanted.to:
            return made + all_one(held.page, held.event, held.candidates, held.doubts)
        case "link" if wanted.to or not held.doubts:
            pass
        case "separate" if held.doubts and not wanted.to:
            pass
        case "split" if held.partings and not held.doubts:
            pass
        case _:
            raise Refused(NOT_SAID)
    to = {role: wanted.to.get(role) for role in held.doubts}
    return made + choices(held.page, held.event, held.candidates, to)


def wanted_of_pair(pair: Pair, kind: str, wanted: Wanted) -> list[tuple[str, dict[Mention, int]]]:
    """Kind and parts of each decision about two people, or about one who may be two. Raises Refused where it does not
    answer the question."""
    if wanted.leaving and (kind, wanted.kind) != (SPLIT_ASKED, SPLIT):
        raise Refused(NOT_SAID)
    records = {person: [fact.mention for fact in pair.page.facts[person]] for person in pair.people}
    match kind, wanted.kind:
        case "possible-match", "merge":
            return [(MERGE, {mention: 0 for held in records.values() for mention in held})]
        case "possible-match", "separate":
            return [(SEPARATE, {each: part for part, held in enumerate(records.values()) for each in held})]
        case "merge-questioned", "merge":
            return [(MERGE, {mention: 0 for held in records.values() for mention in held})]
        case "merge-questioned", "undo" if pair.merged is not None:
            (person,) = pair.people
            leaving = pair.merged.leaving(pair.page.facts[person], pair.gone)
            return [(UNDO, {mention: 0 if mention in leaving else 1 for mention in records[person]})]
        case "records-after-merge", "link" if wanted.records:
            return belonging(pair, records, wanted.records)
        case "split-asked", "merge":
            return [(MERGE, {mention: 0 for held in records.values() for mention in held})]
        case "split-asked", "split":
            return [(SPLIT, parted(pair, wanted.leaving))]
        case _:
            raise Refused(NOT_SAID)


def parted(pair: Pair, leaving: AbstractSet[str]) -> dict[Mention, int]:
    """Who turns out to be two: the records that stay (0) and those that leave (1). What was superseded goes with what
    took its place. Raises Refused for a record that is not theirs, and where nothing stays or nothing leaves."""
    (person,) = pair.people
    named = {about_of(fact.mention): fact.mention for fact in living(pair.page, person, pair.gone)}
    if not leaving <= named.keys() or len(leaving) in (0, len(named)):
        raise Refused(NOT_SAID)
    facts = reported_of(pair.page.facts[person])
    going = with_superseded(facts, {named[about] for about in leaving}, pair.gone)
    return {fact.mention: int(fact.mention in going) for fact in facts}


def belonging(
    pair: Pair, records: Mapping[UUID, list[Mention]], to: Mapping[Mention, UUID]
) -> list[tuple[str, dict[Mention, int]]]:
    """Whose each record is: one person's records together with it, the other's not. Raises Refused for a record that
    is not in question, or a stranger."""
    if not (to.keys() <= set(pair.asked) and set(to.values()) <= set(pair.people)):
        raise Refused(NOT_SAID)
    made = []
    for mention, person in sorted(to.items()):
        parts = {each: int(holder != person) for holder, held in records.items() for each in held if each not in to}
        made.append((LINK, parts | {mention: 0}))
    return made
