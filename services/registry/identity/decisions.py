"""What was decided about links, for ever after: which source records are one person and which are not. Pure.

A decision puts source records into parts. Those of one part are one person. Part 0 is nobody of the other parts; after
a split or an undone merge no two parts are one person. Of several decisions that speak of the same two records the
newest counts. They name records, never people: fed again in any order, the same records with the same decisions give
the same people.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from typing import Final
from uuid import UUID

from services.registry.facts.values import Mention

LINK, SEPARATE, MERGE, SPLIT, UNDO = "link", "separate", "merge", "split", "undo"
ALL_APART: Final = frozenset({SPLIT, UNDO})
NOW: Final = datetime.max.replace(tzinfo=UTC)
"""The instant of a decision that is being made: newer than all others."""


@dataclass(frozen=True)
class Decision:
    """One decision. `parts`: record → its part; `numbers`: the blind indexes of a record's identifiers."""

    identifier: UUID
    kind: str
    decided_at: datetime
    parts: Mapping[Mention, int]
    numbers: Mapping[Mention, frozenset[bytes]] = field(default_factory=dict)

    def says(self, one: Mention, other: Mention) -> bool | None:
        """Whether two of its records are one person; None where it says nothing of it."""
        parts = (self.parts[one], self.parts[other])
        if parts[0] == parts[1]:
            return True
        return False if self.kind in ALL_APART or 0 in parts else None


class Decisions:
    """Decisions as far as they are known; those about the same records must be known together."""

    def __init__(self, known: Iterable[Decision] = ()) -> None:
        self.known: dict[UUID, Decision] = {}
        self.naming: dict[Mention, list[Decision]] = {}
        self.contested: frozenset[bytes] = frozenset()
        self.add(known)

    def __bool__(self) -> bool:
        return bool(self.known)

    def add(self, decisions: Iterable[Decision]) -> None:
        """Take in decisions; one that is known already changes nothing."""
        fresh = [each for each in decisions if each.identifier not in self.known]
        for decision in fresh:
            self.known[decision.identifier] = decision
            for mention in decision.parts:
                naming = self.naming.setdefault(mention, [])
                naming.append(decision)
                naming.sort(key=lambda each: (each.decided_at, each.identifier), reverse=True)
        if fresh:
            self.contested = frozenset(self._contested())

    def said(self, mention: Mention) -> dict[Mention, bool]:
        """What stands about a record: other record → whether they are one person."""
        stated: dict[Mention, bool] = {}
        for decision in self.naming.get(mention, ()):
            for other in decision.parts:
                if other != mention and other not in stated:
                    says = decision.says(mention, other)
                    if says is not None:
                        stated[other] = says
        return stated

    def named(self, mention: Mention) -> bool:
        """Whether anybody has decided about a record."""
        return mention in self.naming

    def together(self, mention: Mention) -> set[Mention]:
        """The records that are the same person's as this one."""
        return {other for other, same in self.said(mention).items() if same}

    def apart(self, mention: Mention) -> set[Mention]:
        """The records that are not this one's person's."""
        return {other for other, same in self.said(mention).items() if not same}

    def part(self, some: Iterable[Mention], others: Iterable[Mention]) -> bool:
        """Whether any of these records is known to be nobody of those."""
        elsewhere = set(others)
        return any(self.apart(mention) & elsewhere for mention in some if mention in self.naming)

    def _contested(self) -> Iterable[bytes]:
        """The identifiers that stand in records of two people: alone they tell nobody from the other any more."""
        for decision in self.known.values():
            for one, other in combinations(sorted(decision.parts), 2):
                if decision.parts[one] != decision.parts[other]:
                    shared = decision.numbers.get(one, frozenset()) & decision.numbers.get(other, frozenset())
                    if shared and self.said(one).get(other) is False:
                        yield from shared
