"""Blocking keys: two records are compared only if they share one. They hold names and birth dates: whoever stores them
blinds them first (protection rule 7). Pure."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from services.registry.identity.description import Description
from shared.identifiers.names import parts

MOST_BLOCKS = 8
_SYLLABLES = 4


def blocks(description: Description) -> frozenset[str]:
    """The keys of a person, at most eight; none for somebody without a birth date.

    Promised to share a key: the same birth date and one syllable or word of the name, or an unnamed child's mother; the
    same reading of the whole name and the same year of birth (another day or month, day and month swapped, 1 January),
    or the same day and month (another year). What agrees in neither is found by its numbers alone.
    """
    born = description.birth_date
    if born is None:
        return frozenset()
    return frozenset(islice(dict.fromkeys(_keys(description.name, born, description.mother)), MOST_BLOCKS))


def search_blocks(name: str, birth_date: date) -> frozenset[str]:
    """The keys under which somebody of this full name and birth date, or a variant of them, is found."""
    return blocks(Description(name=name, birth_date=birth_date))


def _keys(name: str, born: date, mother: str | None) -> Iterator[str]:
    """The likeliest reading first: where there are too many keys, the others lose theirs."""
    likeliest, day = parts(name).readings[:2], born.isoformat()
    for reading in likeliest[:1]:
        yield from _of(reading, day)
    if mother:
        yield from (f"mother:{reading}:{day}" for reading in parts(mother).readings[:1])
    for reading in likeliest[1:]:
        yield from _of(reading, day)


def _of(reading: str, day: str) -> list[str]:
    """Year and day with the whole reading; the day with syllables, the first in the alphabet: whichever one is wrong,
    others stay among them."""
    syllables = list(dict.fromkeys(reading.split()))[:_SYLLABLES]
    return [
        f"year:{reading}:{int(day[:4])}",
        f"day:{reading}:{day[5:]}",
        *[f"born:{syllable}:{day}" for syllable in syllables],
    ]
