"""Of whom it is withheld where they live, while a page of what the registry tells is taken. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from services.exchange.cases.standing import Key


@dataclass(frozen=True)
class Word:
    """What the registry said last of one person, for one department."""

    withheld: bool
    as_of: datetime


@dataclass
class Protection:
    """The people that a page speaks of, as they stand and as they change."""

    words: dict[Key, Word] = field(default_factory=dict)
    changed: set[Key] = field(default_factory=set)

    def withheld(self, key: Key) -> bool:
        """Whether where they live is withheld from this department."""
        word = self.words.get(key)
        return word is not None and word.withheld

    def note(self, key: Key, withheld: bool, at: datetime) -> None:
        """Take over what the registry says; a feed that is read again tells the past."""
        word = self.words.get(key)
        if word is None or word.as_of <= at:
            self.words[key] = Word(withheld, at)
            self.changed.add(key)

    def follow(self, before: Key, into: Key, at: datetime) -> None:
        """Whoever a protected person turns out to be is protected too, in a merge as in a split."""
        if self.withheld(before) and not self.withheld(into):
            self.note(into, True, at)
