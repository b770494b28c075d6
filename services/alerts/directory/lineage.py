"""Who is who by now, and what was ever said of each: a function of the set of words told. Pure.

Words are put in the order in which the registry said them, so that arriving late, twice or from the beginning again
changes nothing. Only the words that matter for ever are kept; where a person lives now is the latest word's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from services.alerts.directory.entries import Told


class Saying(StrEnum):
    """What a word says of the names in it."""

    DIED = "died"
    UNKNOWN = "unknown"  # nothing that was reported of this person counts any more: a birth was annulled
    MERGED = "merged"  # the first name is another name of the second
    SPLIT = "split"  # the second, with the names after it, is another person than the first


class Word(NamedTuple):
    """One word that is kept. `names` are references, as `saying` orders them."""

    when: Told
    saying: Saying
    names: tuple[str, ...]


@dataclass(frozen=True)
class Lineage:
    """Whom each name names now, and the latest time each was said of it, or of whom it was one with at that time."""

    roots: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[tuple[str, Saying], Told] = field(default_factory=dict)

    def root(self, name: str) -> str:
        """Whom a name names now."""
        return self.roots.get(name, name)

    def last(self, name: str, saying: Saying) -> Told | None:
        """When this was last said of a name; None where it never was."""
        return self.said.get((name, saying))


def lineage(words: Iterable[Word]) -> Lineage:
    """Replay words in the order in which they were said. Pass all that hang together by a name."""
    roots: dict[str, str] = {}
    said: dict[tuple[str, Saying], Told] = {}

    def one_with(name: str) -> list[str]:
        root = roots.setdefault(name, name)
        return [each for each, its in roots.items() if its == root]

    for word in sorted(set(words)):
        first, *others = word.names
        if word.saying is Saying.MERGED:
            into, former = roots.setdefault(others[0], others[0]), one_with(first)
            if into not in former:
                said |= {(each, word.saying): word.when for each in [*former, *one_with(into)]}
            for each in former:
                roots[each] = into
        else:
            for each in one_with(first):
                said[each, word.saying] = word.when
        if word.saying is Saying.SPLIT:
            for each in others:
                roots[each] = others[0]
                said[each, word.saying] = word.when
    return Lineage(roots, said)
