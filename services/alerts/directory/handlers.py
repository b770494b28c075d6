"""Use case: take over what a page of the registry's feed `care` says of people."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.directory import repository
from services.alerts.directory.entries import HelpTold, MergedTold, PersonTold, SplitTold, Told, read
from services.alerts.directory.lineage import Saying, Word
from shared.db import Connection
from shared.feed.follow import FeedEntry


@dataclass(frozen=True)
class Heard:
    """What a page said, taken over. `names` are all it concerns, present and former."""

    people: Sequence[PersonTold]
    helps: Sequence[tuple[Told, HelpTold]]
    names: Sequence[str]


async def hear(connection: Connection, entries: Sequence[FeedEntry]) -> Heard:
    """Take over a page. Repetition, other orders and old news give the same directory.

    Raises msgspec.ValidationError for an entry that says more than alerts may know."""
    people: list[tuple[Told, PersonTold]] = []
    words: list[Word] = []
    linked: set[str] = set()
    helps: list[tuple[Told, HelpTold]] = []
    for entry in entries:
        when, told = read(entry)
        if isinstance(told, HelpTold):
            helps.append((when, told))
        elif isinstance(told, PersonTold):
            people.append((when, told))
            if not (told.alive and told.indexes):
                words.append(Word(when, Saying.UNKNOWN if told.alive else Saying.DIED, (told.reference,)))
        else:
            word = word_of(when, told)
            words.append(word)
            linked.update(word.names)
    await repository.tell(connection, people)
    await repository.keep(connection, words)
    if linked:
        await repository.link(connection, linked)
    touched = linked | {person.reference for _, person in people}
    touched |= {name for _, told in helps for name in (told.child, told.mother)}
    return Heard([person for _, person in people], helps, await repository.names_of(connection, touched))


def word_of(when: Told, told: MergedTold | SplitTold) -> Word:
    """A merge or a split as a word to be kept."""
    if isinstance(told, MergedTold):
        return Word(when, Saying.MERGED, (told.before, told.into))
    return Word(when, Saying.SPLIT, (told.before, told.into, *told.former))
