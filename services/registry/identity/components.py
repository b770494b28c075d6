"""Linking by shared identifiers: people are the connected components of the source records that share one. Pure."""

import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import combinations
from typing import Literal, NamedTuple

from services.registry.facts.values import Mention

Ambiguity = Literal["two-numbers", "shared-number"]


def components(mentions: Mapping[Mention, AbstractSet[Hashable]]) -> dict[Mention, Mention]:
    """Source record → the smallest source record of its component, which names the component.

    `mentions` gives the identifiers (or their blind indexes) of each. Pass living events only: a number that was
    corrected away must not join two people.
    """
    parent = {mention: mention for mention in mentions}

    def root(mention: Mention) -> Mention:
        while parent[mention] != mention:
            parent[mention] = parent[parent[mention]]
            mention = parent[mention]
        return mention

    holder: dict[Hashable, Mention] = {}
    for mention, identifiers in mentions.items():
        for identifier in identifiers:
            first, second = sorted((root(holder.setdefault(identifier, mention)), root(mention)))
            parent[second] = first
    return {mention: root(mention) for mention in mentions}


class SourceRecord(NamedTuple):
    """What ambiguity is judged by. `numbers`: resident identity numbers, or blind indexes; `name`: "" if unnamed."""

    numbers: frozenset[Hashable]
    name: str
    birth_date: date


def ambiguity(records: Iterable[SourceRecord]) -> Ambiguity | None:
    """Why the source records of one component may not be linked by machine, or None.

    `two-numbers`: they would give one person two resident identity numbers. `shared-number`: one number stands beside
    different names *and* birth dates; such numbers exist from old clerical errors (GB 11643 numbers issued twice).
    """
    numbered = [record for record in records if record.numbers]
    if len(frozenset[Hashable]().union(*(record.numbers for record in numbered))) > 1:
        return "two-numbers"
    described = {(plain(record.name), record.birth_date) for record in numbered}
    pairs = combinations(sorted(described), 2)
    if any(name and other and name != other and born != birth for (name, born), (other, birth) in pairs):
        return "shared-number"
    return None


def ambiguous(
    component_of: Mapping[Mention, Mention], records: Mapping[Mention, SourceRecord]
) -> dict[Mention, Ambiguity]:
    """The components that go to clerical review whole, each with its reason."""
    members: dict[Mention, list[SourceRecord]] = {}
    for mention, component in component_of.items():
        members.setdefault(component, []).append(records[mention])
    return {component: reason for component, held in members.items() if (reason := ambiguity(held))}


def plain(name: str) -> str:
    """A name as it is compared: one Unicode form, no spaces, no case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
