"""Reviews without a database: of which kind, and what a decision says of whose records. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final
from uuid import UUID

import msgspec

from services.registry.facts.page import Page, reported_of
from services.registry.facts.reported import Reported
from services.registry.facts.stored import KEY, Vault
from services.registry.facts.values import EventKey, Fact, Mention
from services.registry.identity.decisions import LINK, MERGE, SEPARATE, SPLIT
from shared.crypto.sealing import seal, unseal

AMBIGUOUS_IDENTITY, WOULD_PART = "ambiguous-identity", "would-part"
POSSIBLE_MATCH, MERGE_QUESTIONED, AFTER_MERGE = "possible-match", "merge-questioned", "records-after-merge"
SPLIT_ASKED = "split-asked"
ANOTHER_KIND = "supersedes-another-kind"  # a held event that can never be applied as it is: about nobody in particular
HELD_KINDS: Final = frozenset({AMBIGUOUS_IDENTITY, WOULD_PART})
MACHINE = "machine"  # who asks for a pair that is certain, and merges it
OPEN, DECIDED, LAPSED = "open", "decided", "lapsed"


def kind_of(page: Page, event: Reported) -> str:
    """Of which kind the review of a held event is."""
    return WOULD_PART if event.receipt in page.parting and not page.doubts.get(event.receipt) else AMBIGUOUS_IDENTITY


def version_of(page: Page, people: Iterable[UUID]) -> str:
    """What a decision rests on: it is another one as soon as a record comes to one of these people, or leaves them."""
    digest = hashlib.sha256()
    for person in sorted(set(people)):
        digest.update(person.bytes)
        for mention in sorted(fact.mention for fact in page.facts[person]):
            digest.update("\n".join(mention).encode() + b"\0")
    return digest.hexdigest()[:32]


def version_of_held(receipt: UUID) -> str:
    """What a decision about an event itself rests on: the event, and nobody's records."""
    return hashlib.sha256(receipt.bytes).hexdigest()[:32]


def choices(
    page: Page, event: Reported, candidates: Mapping[str, set[UUID]], to: Mapping[str, UUID | None]
) -> list[tuple[str, dict[Mention, int]]]:
    """What is decided of the records in question: kind, and the parts of the records. `to`: role → the person it
    belongs to; None: a new one. Nobody else among the candidates is meant, and no two roles are one person."""
    gone = page.gone_with(event)
    made = []
    for role, person in sorted(to.items()):
        parts = {event.facts[role].mention: 0}
        others = [each for each in sorted(candidates[role]) if each != person]
        for part, each in enumerate([person, *others] if person else [None, *others]):
            if each is not None:
                parts |= dict.fromkeys((fact.mention for fact in living(page, each, gone)), part)
        for part, other in enumerate(sorted(to.keys() - {role}), len(others) + 1):
            parts[event.facts[other].mention] = part
        made.append((LINK if person else SEPARATE, parts))
    return made


def all_one(
    page: Page, event: Reported, candidates: Mapping[str, set[UUID]], roles: Iterable[str]
) -> list[tuple[str, dict[Mention, int]]]:
    """All candidates of a record in question are one person, and the record is theirs."""
    gone = page.gone_with(event)
    return [
        (
            MERGE,
            {event.facts[role].mention: 0}
            | {fact.mention: 0 for person in candidates[role] for fact in living(page, person, gone)},
        )
        for role in sorted(roles)
    ]


def pieces_decided(
    partings: Mapping[UUID, Sequence[Iterable[Mention]]], *, stay: bool
) -> list[tuple[str, dict[Mention, int]]]:
    """Who would fall apart stays one person all the same, or becomes several."""
    return [
        (
            LINK if stay else SPLIT,
            {mention: 0 if stay else part for part, piece in enumerate(pieces) for mention in piece},
        )
        for _, pieces in sorted(partings.items())
    ]


def living(page: Page, person: UUID, gone: AbstractSet[EventKey]) -> list[Fact]:
    """What was reported of a person and counts. An approved correction is nobody's record: it goes with the person."""
    return [fact for fact in reported_of(page.facts[person]) if fact.event not in gone]


def about_of(mention: Mention) -> str:
    """How a decision names a record, without saying what it is about."""
    return hashlib.sha256("\n".join(mention).encode()).hexdigest()[:16]


def with_superseded(facts: Iterable[Fact], leaving: AbstractSet[Mention], gone: AbstractSet[EventKey]) -> set[Mention]:
    """Records that leave, with those of the same people that they correct: what is superseded goes with what counts."""
    known = list(facts)
    before = {fact.event: fact.supersedes for fact in known}

    def first(event: EventKey) -> EventKey:
        seen = {event}
        while (earlier := before.get(event)) is not None and earlier not in seen:
            event = earlier
            seen.add(event)
        return event

    lines = {(first(fact.event), fact.role) for fact in known if fact.mention in leaving}
    superseded = {fact.mention for fact in known if fact.event in gone and (first(fact.event), fact.role) in lines}
    return set(leaving) | superseded


encode_asked = msgspec.json.Encoder().encode
decode_asked = msgspec.json.Decoder(list[Mention]).decode
decode_explanation = msgspec.json.Decoder(list[dict[str, str | float | None]]).decode


def seal_explanation(vault: Vault, one: UUID, other: UUID, said: object) -> bytes:
    """What a review of two people rests on, bound to the two."""
    return seal(vault.ring, KEY, encode_asked(said), context(one, other))


def explanation_of(vault: Vault, one: UUID, other: UUID, sealed: bytes | None) -> bytes:
    """What a review of two people rests on; an empty list where it says nothing."""
    return b"[]" if sealed is None else unseal(vault.ring, KEY, sealed, context(one, other))


def context(one: UUID, other: UUID) -> bytes:
    """Bind an explanation to its two people."""
    return b"review" + one.bytes + other.bytes
