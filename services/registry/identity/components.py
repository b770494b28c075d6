"""Linking by shared identifiers: people are the connected components of the source records that share one. Pure."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import combinations
from typing import Final, Literal, NamedTuple, TypeVar

from services.registry.facts.values import Mention
from shared.identifiers.names import plain

Ambiguity = Literal["two-numbers", "shared-number"]
GENERATION: Final = 14
"""Years that may lie between a parent and a child: no slip of the pen is taken for granted over as many."""


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
    """What ambiguity is judged by. `numbers`: resident identity numbers, or blind indexes; `name`: "" if unnamed.

    `before`: name and birth date until they were changed by law. In such a record two numbers, and both descriptions,
    are one person's; in any other they are not."""

    numbers: frozenset[Hashable]
    name: str
    birth_date: date
    before: tuple[str, date] | None = None

    @property
    def described(self) -> list[tuple[str, date]]:
        """Every description in it, as compared."""
        said = [(self.name, self.birth_date), *([self.before] if self.before else [])]
        return [(plain(name), born) for name, born in said]


def ambiguity(records: Iterable[SourceRecord], decided: Iterable[Collection[SourceRecord]] = ()) -> Ambiguity | None:
    """Why the source records of one component may not be linked by machine, or None.

    `two-numbers`: they would give one person two resident identity numbers. `shared-number`: what they share, a number
    or a paper, stands beside different names *and* birth dates, or beside births a generation apart; such numbers exist
    from old clerical errors (GB 11643 numbers issued twice, a father's number beside his son of the same name).
    What an identity.changed joins is neither, nor what a clerk `decided` to be one person's.
    """
    records, decided = list(records), list(decided)
    lawful = [record for record in records if record.before]
    numbers = {number for record in records for number in record.numbers}
    alike = len({(record.name, record.birth_date) for record in records}) <= 1
    if alike and len(numbers) <= 1 and not lawful and not decided:
        return None  # nearly everybody
    joined = [
        *(set(record.numbers) for record in lawful),
        *({n for each in group for n in each.numbers} for group in decided),
    ]
    if len(_joined([*({number} for number in numbers), *filter(None, joined)])) > 1:
        return "two-numbers"
    described = {each for record in records for each in record.described}
    by_law = _joined(
        [
            *(set(record.described) for record in lawful),
            *({d for each in group for d in each.described} for group in decided),
        ]
    )
    for one, other in combinations(sorted(described), 2):
        if _strangers(one, other) and not any({one, other} <= same for same in by_law):
            return "shared-number"
    return None


def _strangers(one: tuple[str, date], other: tuple[str, date]) -> bool:
    """Whether two descriptions are too far apart for a number alone. An unnamed child has no other name."""
    renamed = bool(one[0] and other[0]) and one[0] != other[0]
    return (renamed and one[1] != other[1]) or abs(one[1].year - other[1].year) >= GENERATION


Member = TypeVar("Member", bound=Hashable)


def _joined(groups: Iterable[set[Member]]) -> list[set[Member]]:
    """The groups, those that share a member made one."""
    found: list[set[Member]] = []
    for group in groups:
        apart = [each for each in found if not each & group]
        found = [*apart, group.union(*(each for each in found if each & group))]
    return found


def ambiguous(
    component_of: Mapping[Mention, Mention], records: Mapping[Mention, SourceRecord]
) -> dict[Mention, Ambiguity]:
    """The components that go to clerical review whole, each with its reason."""
    members: dict[Mention, list[SourceRecord]] = {}
    for mention, component in component_of.items():
        members.setdefault(component, []).append(records[mention])
    return {component: reason for component, held in members.items() if (reason := ambiguity(held))}
