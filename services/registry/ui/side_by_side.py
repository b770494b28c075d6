"""People and records beside each other, field by field: where they agree, where not, and in which characters. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Agreement = Literal["same", "differs", "one-sided", "nothing"]
"""`one-sided`: those who say something say the same, and others say nothing."""

LETTERS = {"zh-CN": "甲乙丙丁戊己庚辛壬癸", "en": "ABCDEFGHIJ"}


@dataclass(frozen=True)
class Piece:
    """A run of characters that is the same everywhere, or not."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
    """One field of everyone; a cell without pieces says nothing."""

    field: str
    agreement: Agreement
    cells: tuple[tuple[Piece, ...], ...]


def compared(field: str, values: Sequence[str | None], *, by_character: bool = True) -> Row:
    """One field of everyone. `by_character`: where all are equally long, only the places that differ are marked."""
    said = [value for value in values if value]
    several = len(set(said)) > 1
    agreement: Agreement = "differs" if several else "nothing" if not said else "same"
    if agreement == "same" and len(said) < len(values):
        agreement = "one-sided"
    aligned = by_character and several and len({len(value) for value in said}) == 1
    apart = [len(set(place)) > 1 for place in zip(*said, strict=True)] if aligned else []
    return Row(field, agreement, tuple(pieces(value, apart, several=several) if value else () for value in values))


def pieces(value: str, apart: Sequence[bool], *, several: bool) -> tuple[Piece, ...]:
    """A value in runs; `apart`: which of its places differ, empty where it is marked as a whole."""
    if not apart:
        return (Piece(value, several),)
    runs = groupby(zip(value, apart, strict=True), key=lambda each: each[1])
    return tuple(Piece("".join(character for character, _ in run), differs) for differs, run in runs)


def letter(place: int, language: str) -> str:
    """How somebody in question is called on a page: A, B, …; by number where there are many."""
    letters = LETTERS[language]
    return letters[place] if place < len(letters) else str(place + 1)


def bars(weights: Mapping[str, float], half: float) -> dict[str, tuple[float, float]]:
    """Where the bar of each weight begins and how wide it is, around a middle line at `half`: for to the right, against
    to the left."""
    most = max((abs(weight) for weight in weights.values()), default=0.0) or 1.0
    wide = {name: abs(weight) / most * half for name, weight in weights.items()}
    return {
        name: (round(half if weight >= 0 else half - wide[name], 1), round(wide[name], 1))
        for name, weight in weights.items()
    }
